# The package set that the system is made of.
{ config, lib, options, pkgs, ... }:
let
  cfg = config.nixpkgs;
  resolve = value: if lib.isFunction value then value { inherit lib pkgs; } else value;

  # As in NixOS, the last definition wins key by key; only predicates add up.
  merge = a: b:
    let
      left = resolve a;
      right = resolve b;
      either = name: lib.optionalAttrs (left ? ${name} && right ? ${name}) {
        ${name} = package: left.${name} package || right.${name} package;
      };
    in
    lib.recursiveUpdate left right // either "allowUnfreePredicate" // either "allowInsecurePredicate";

  configType = lib.mkOptionType {
    name = "nixpkgs-config";
    description = "nixpkgs config";
    check = value: builtins.isAttrs value || lib.isFunction value;
    merge = _: defs: lib.foldr (def: merge def.value) { } defs;
  };
  overlayType = lib.mkOptionType {
    name = "nixpkgs-overlay";
    description = "nixpkgs overlay";
    check = lib.isFunction;
    merge = lib.mergeOneOption;
  };
in
{
  options.nixpkgs = {
    pkgs = lib.mkOption {
      type = lib.types.pkgs;
      defaultText = lib.literalExpression "import \"\${nixos}/..\" { inherit (cfg) config overlays; system = hostPlatform; }";
      description = "If set, the pkgs argument to all NixOS modules is the value of this option.";
    };
    config = lib.mkOption {
      type = configType;
      default = { };
      example = lib.literalExpression "{ allowBroken = true; allowUnfree = true; }";
      description = ''
        Global configuration for Nixpkgs. The complete list of Nixpkgs
        configuration options is in the Nixpkgs manual section on global configuration.
      '';
    };
    overlays = lib.mkOption {
      type = lib.types.listOf overlayType;
      default = [ ];
      description = "List of overlays to apply to Nixpkgs.";
    };
    system = lib.mkOption {
      type = lib.types.str;
      default = if builtins.isString cfg.hostPlatform then cfg.hostPlatform else cfg.hostPlatform.system;
      defaultText = lib.literalExpression "config.nixpkgs.hostPlatform";
      example = "x86_64-linux";
      description = "Specifies the Nix platform type on which NixOS should be built.";
    };
    flake.source = lib.mkOption {
      type = lib.types.nullOr (lib.types.either lib.types.str lib.types.path);
      default = null;
      description = "The path to the nixpkgs sources used to build the system.";
    };
    hostPlatform = lib.mkOption {
      type = lib.types.either lib.types.str lib.types.attrs;
      example = "x86_64-linux";
      description = "Specifies the platform where the NixOS configuration will run.";
    };
  };

  config = {
    nixpkgs.pkgs = lib.mkOptionDefault (import ../../.. { inherit (cfg) config overlays system; });
    _module.args.pkgs = lib.mkOverride lib.modules.defaultOverridePriority cfg.pkgs;
    assertions = [
      {
        assertion = !(options.nixpkgs.pkgs.highestPrio < 1500 && cfg.config != { });
        message = ''
          Your system configures nixpkgs with an externally created instance.
          `nixpkgs.config` options should be passed when creating the instance instead.
        '';
      }
    ];
  };
}
