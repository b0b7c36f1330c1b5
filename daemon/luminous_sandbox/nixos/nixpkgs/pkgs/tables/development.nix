# Languages and what programmers use beside them.
{ licenses }:
with licenses;
{
  cmake = {
    version = "3.31.7";
    description = "Cross-platform, open-source build system generator";
    homepage = "https://cmake.org/"; license = bsd3;
    programs = [ "cmake" "ctest" ]; size = 96; needs = [ "glibc" "curl" "zlib" ];
  };
  gcc = {
    version = "14.3.0";
    description = "GNU Compiler Collection, version 14.3.0 (wrapper script)";
    homepage = "https://gcc.gnu.org/"; license = gpl3Plus;
    programs = [ "gcc" "g++" "cpp" ];
    outputs = [ "out" "man" "info" ]; size = 480; needs = [ "glibc" ];
  };
  gnumake = {
    version = "4.4.1";
    description = "Tool to control the generation of non-source files from sources";
    homepage = "https://www.gnu.org/software/make/"; license = gpl3Plus;
    programs = [ "make" ]; size = 16; needs = [ "glibc" ];
  };
  go = {
    version = "1.25.0";
    description = "Go Programming language";
    homepage = "https://go.dev/"; license = bsd3;
    programs = [ "go" "gofmt" ]; size = 420;
  };
  hugo = {
    version = "0.150.0";
    description = "Fast and modern static website engine";
    homepage = "https://gohugo.io"; license = asl20; size = 80;
  };
  kubectl = {
    version = "1.34.0";
    description = "Kubernetes CLI";
    homepage = "https://github.com/kubernetes/kubectl"; license = asl20; size = 72;
  };
  nodejs = {
    version = "22.19.0";
    description = "Event-driven I/O framework for the V8 JavaScript engine";
    homepage = "https://nodejs.org"; license = mit;
    programs = [ "node" "npm" "npx" ];
    outputs = [ "out" "dev" "libv8" ]; size = 200; needs = [ "glibc" "openssl" "zlib" ];
  };
  python3 = {
    version = "3.13.7";
    description = "High-level dynamically-typed programming language";
    homepage = "https://www.python.org"; license = psfl;
    programs = [ "python3" "python" "pydoc3" ]; size = 180;
    needs = [ "glibc" "openssl" "readline" "sqlite" "zlib" ];
  };
  ruby = {
    version = "3.3.9";
    description = "Object-oriented language for quick and easy programming";
    homepage = "https://www.ruby-lang.org/"; license = bsd2;
    programs = [ "ruby" "irb" "gem" ]; size = 140; needs = [ "glibc" "openssl" "zlib" ];
  };
  rustc = {
    version = "1.89.0";
    description = "Safe, concurrent, practical language (wrapper script)";
    homepage = "https://www.rust-lang.org/"; license = mit;
    programs = [ "rustc" "rustdoc" ]; size = 520; needs = [ "glibc" "gcc" ];
  };
  cargo = {
    version = "1.89.0";
    description = "Downloads your Rust project's dependencies and builds your project";
    homepage = "https://crates.io"; license = mit; size = 96; needs = [ "rustc" "openssl" "curl" ];
  };
  shellcheck = {
    version = "0.10.0";
    description = "Shell script analysis tool";
    homepage = "https://www.shellcheck.net/"; license = gpl3Plus; size = 64;
  };
  jdk = {
    pname = "openjdk"; version = "21.0.8+9";
    description = "Open-source Java Development Kit";
    homepage = "https://openjdk.java.net/"; license = gpl2Only;
    programs = [ "java" "javac" "jar" ]; size = 380; needs = [ "glibc" "cups" "zlib" ];
    prebuilt = false;
  };
}
