# What stands for nixpkgs where none is: derivations are the attributes that they are made of.
let
  lib = import <nixpkgs/lib> // {
    importTOML = _: { project = { version = "1"; description = "stub"; }; };
    fileset = { toSource = source: toString source.root; unions = files: files; };
  };
  named = names: builtins.listToAttrs (map (name: { inherit name; value = name; }) names);
  pkgs = named [
    "bash" "bat" "coreutils" "cowsay" "curl" "figlet" "git" "glib" "gnumake" "hello" "nixfmt" "pkg-config" "python3" "ruff"
    "sl" "systemd" "util-linux"
  ] // {
    inherit lib;
    path = "/nixpkgs";
    stdenv.hostPlatform.system = "x86_64-linux";
    python3Packages = named [
      "dbus-next" "hatchling" "hnswlib" "hypothesis" "jeepney" "msgpack" "numpy" "onnxruntime" "pydantic"
      "pystemmer" "pytest-timeout" "pytest-xdist" "pytestCheckHook" "rapidfuzz" "rich" "systemd-python"
      "tokenizers"
    ] // {
      python.sitePackages = "lib/python3/site-packages";
      buildPythonApplication = made: made // {
        overridePythonAttrs = more: made // more;
        outPath = "/made/${made.pname}";
      };
    };
    callPackage = lib.callPackageWith pkgs;
    closureInfo = { rootPaths }: "/closure/${toString rootPaths}";
    formats.toml = _: {
      type = lib.types.attrsOf lib.types.anything;
      generate = _: value: value;
    };
    mkShell = made: made;
    nixos = _: { config.system.build.toplevel.drvPath = "/system"; };
    nixosOptionsDoc = { options }: { optionsJSON = "/options/${toString (builtins.attrNames options)}"; };
    runCommand = name: _: script: { inherit name script; };
    symlinkJoin = made: made // made.passthru;
    testers.runNixOSTest = test: test;
    writeText = name: _: "/text/${name}";
  };
in
{
  inherit lib pkgs;
  legacyPackages = { x86_64-linux = pkgs; aarch64-linux = pkgs; };
}
