# Packages that are more than a row of facts: the small system's own programs and build examples.
{ lib, pkgs, release }:
let
  inherit (pkgs) stdenv;
  package = import ./package.nix { inherit lib pkgs release; };
  row = facts: facts // { pos = builtins.unsafeGetAttrPos "description" facts; };
  script = name: file: description:
    pkgs.writeTextFile {
      inherit name;
      text = builtins.replaceStrings [ "@shell@" ] [ "${stdenv.seed}/bin/sh" ] (builtins.readFile file);
      executable = true;
      destination = "/bin/${name}";
      meta = {
        inherit description;
        mainProgram = name;
        homepage = "https://nixos.org";
        license = lib.licenses.mit;
      };
    };
in
{
  hello = package "hello" (row {
    version = "2.12.2";
    description = "Program that produces a familiar, friendly greeting";
    homepage = "https://www.gnu.org/software/hello/manual/";
    license = lib.licenses.gpl3Plus;
    size = 4;
    needs = [ "glibc" ];
    says = "Hello, world!";
  });

  busybox = stdenv.mkDerivation {
    pname = "busybox";
    version = "1.35.0";
    pos = builtins.unsafeGetAttrPos "busybox" { busybox = null; };
    meta = {
      description = "Tiny versions of common UNIX utilities in a single small executable";
      homepage = "https://busybox.net/";
      license = lib.licenses.gpl2Only;
      mainProgram = "busybox";
      priority = 15;
    };
    buildCommand = ''
      mkdir -p $out/bin
      # A NixOS has util-linux's mount, setpriv and unshare, of which busybox knows too little.
      for applet in $($seed/bin/busybox --list); do
        case $applet in mount | setpriv | umount | unshare) continue ;; esac
        ln -s $seed/bin/busybox $out/bin/$applet
      done
    '';
  };
  coreutils = pkgs.busybox;

  systemd = pkgs.symlinkJoin {
    name = "systemd-${release.packages.systemd or "257.8"}";
    paths = [ (script "systemctl" ./programs/systemctl.sh "Control of units") ];
    meta = {
      description = "System and service manager for Linux";
      homepage = "https://www.freedesktop.org/wiki/Software/systemd/";
      license = lib.licenses.lgpl21Plus;
    };
  };

  nixos-rebuild = script "nixos-rebuild" ./programs/nixos-rebuild.sh "Rebuild your NixOS configuration and switch to it, on local hosts and remote";

  fails-to-build = stdenv.mkDerivation {
    pname = "fails-to-build";
    version = "0.3.1";
    pos = builtins.unsafeGetAttrPos "fails-to-build" { fails-to-build = null; };
    meta = {
      description = "Program that has never been built";
      homepage = "https://example.org/fails-to-build";
      license = lib.licenses.mit;
      mainProgram = "fails-to-build";
    };
    passthru.prebuilt = false;
    buildPhase = ''
      echo "cc -O2 -c main.c -o main.o"
      echo "cc -O2 -c parser.c -o parser.o"
      echo "parser.c: In function 'parse_line':" >&2
      echo "parser.c:42:17: error: 'struct token' has no member named 'colour'; did you mean 'color'?" >&2
      echo "make: *** [Makefile:17: parser.o] Error 1" >&2
      exit 1
    '';
  };

  slow-build = stdenv.mkDerivation {
    pname = "slow-build";
    version = "1.8.0";
    pos = builtins.unsafeGetAttrPos "slow-build" { slow-build = null; };
    meta = {
      description = "Program that takes about three seconds to build";
      homepage = "https://example.org/slow-build";
      license = lib.licenses.mit;
      mainProgram = "slow-build";
    };
    passthru.prebuilt = false;
    buildPhase = ''
      for part in 1 2 3 4 5 6 7 8; do
        echo "[$part/8] compiling part-$part.c"
        sleep 0.25
      done
    '';
    checkPhase = ''
      echo "running 12 tests"
      sleep 0.5
      echo "12 tests passed"
    '';
    installPhase = ''
      sleep 0.25
      mkdir -p $out/bin
      printf '#!%s/bin/sh\necho slow-build %s\n' $seed $version >$out/bin/slow-build
      chmod +x $out/bin/slow-build
      echo "installed $out/bin/slow-build"
    '';
  };
}
