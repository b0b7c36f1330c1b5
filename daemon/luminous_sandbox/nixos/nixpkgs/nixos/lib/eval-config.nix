# Evaluates modules together with all of NixOS's own.
{
  system ? builtins.currentSystem,
  modules,
  baseModules ? import ../modules/module-list.nix,
  extraModules ? [ ],
  specialArgs ? { },
  lib ? import ../../lib,
  ...
}:
let
  evaluated = lib.evalModules {
    class = "nixos";
    specialArgs = { modulesPath = toString ../modules; } // specialArgs;
    modules = baseModules ++ extraModules ++ modules ++ [
      {
        _file = ./eval-config.nix;
        key = ./eval-config.nix;
        config = {
          _module.args = { inherit baseModules extraModules modules; };
          nixpkgs = lib.optionalAttrs (system != null) { system = lib.mkOptionDefault system; };
        };
      }
    ];
  };
in
evaluated // {
  inherit lib;
  inherit (evaluated._module.args) pkgs;
  inherit (evaluated) config options;
}
