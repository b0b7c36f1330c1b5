# Variants of the system that are built with it and can be switched to.
{ baseModules, extraModules, modules, config, lib, ... }:
{
  options.isSpecialisation = lib.mkOption {
    type = lib.types.bool;
    internal = true;
    default = false;
    description = "Whether this system is a specialisation of another.";
  };
  options.specialisation = lib.mkOption {
    default = { };
    example = lib.literalExpression "{ fewJobsManyCores.configuration = { nix.settings = { core = 0; max-jobs = 1; }; }; }";
    description = ''
      Additional configurations to build. If `inheritParentConfig` is true, the system
      will be based on the overall system configuration.
    '';
    type = lib.types.attrsOf (
      lib.types.submodule {
        options = {
          inheritParentConfig = lib.mkOption {
            type = lib.types.bool;
            default = true;
            description = ''
              Include the entire system's configuration. Set to false to make a completely
              differently configured system.
            '';
          };
          configuration = lib.mkOption {
            default = { };
            description = ''
              Arbitrary NixOS configuration. Anything you can add to a normal NixOS configuration,
              you can add here, including imports and config values, although nested specialisations
              will be ignored.
            '';
            visible = "shallow";
            type = lib.types.deferredModule;
          };
        };
      }
    );
    # The child's whole configuration stands where its module was written.
    apply = builtins.mapAttrs (
      _: special:
      special
      // {
        configuration =
          (import ../../../lib/eval-config.nix {
            inherit baseModules extraModules lib;
            inherit (config.nixpkgs) system;
            modules = lib.optionals special.inheritParentConfig modules ++ [
              special.configuration
              { isSpecialisation = true; specialisation = lib.mkOverride 0 { }; }
            ];
          }).config;
      }
    );
  };
}
