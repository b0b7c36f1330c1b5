# The scripts of this folder on NixOS machines in QEMU, each a derivation to build.
{ pkgs }:
let
  inherit (pkgs) lib;
  scripts = lib.filter (lib.hasSuffix ".testscript") (builtins.attrNames (builtins.readDir ./.));
in
lib.listToAttrs (
  map (file: rec {
    name = lib.removeSuffix ".testscript" file;
    value = pkgs.testers.runNixOSTest {
      inherit name;
      nodes.machine = ./machine.nix;
      testScript = builtins.readFile (./. + "/${file}");
    };
  }) scripts
)
