# Option types, each with a name, a description for people, a check and a merge.
{ lib }:
let
  base = import ./base.nix { inherit lib; };
  parts = map (file: import file { inherit lib base types; }) [
    ./simple.nix
    ./numbers.nix
    ./strings.nix
    ./containers.nix
    ./choices.nix
    ./submodule.nix
  ];
  types = builtins.foldl' (all: part: all // part) {
    inherit (base) isType;
    mkOptionType = base.mkOptionType;
  } parts;
in
types // { inherit types; inherit (base) defaultTypeMerge defaultFunctor; }
