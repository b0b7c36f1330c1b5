# The packages that differ only in their facts: each table's rows become packages.
{ lib, pkgs, release }:
let
  package = import ../package.nix { inherit lib pkgs release; };
  # Where a row stands is where its package says that it is.
  packages = file:
    let
      table = import file { inherit (lib) licenses; };
    in
    builtins.mapAttrs (name: row: package name (row // {
      pos = builtins.unsafeGetAttrPos name table;
    })) table;
in
lib.mergeAttrsList (
  map packages [
    ./command-line.nix
    ./desktop.nix
    ./development.nix
    ./libraries.nix
    ./servers.nix
    ./system.nix
    ./unfree.nix
  ]
)
