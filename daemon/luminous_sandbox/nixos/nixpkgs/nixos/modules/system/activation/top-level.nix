# The whole system as one derivation.
{ config, lib, pkgs, ... }:
let
  cfg = config.system;
  failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  checked = value:
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else
      lib.showWarnings config.warnings value;

  specialisations = lib.mapAttrs (_: child: child.configuration.system.build.toplevel) config.specialisation;
  script =
    name: file:
    pkgs.writeScript name (
      builtins.replaceStrings [ "@shell@" ] [ "${pkgs.stdenv.seed}/bin/sh" ] (builtins.readFile file)
    );
  program = script "switch-to-configuration" ./switch-to-configuration.sh;
  starter = script "stage-2-init.sh" ./init.sh;
  kernel = config.boot.kernelPackages.kernel;
  bootspec = {
    "org.nixos.bootspec.v1" = {
      inherit (pkgs) system;
      label = "NixOS ${cfg.nixos.codeName} ${cfg.nixos.label} (Linux ${kernel.version})";
      kernel = "${kernel}/bzImage";
      inherit (config.boot) kernelParams;
      initrd = "${config.system.build.initialRamdisk}/initrd";
      init = "@out@/init";
      toplevel = "@out@";
    };
    "org.nixos.specialisation.v1" = { };
  };
in
{
  options.system = {
    name = lib.mkOption {
      type = lib.types.str;
      default = if config.networking.hostName == "" then "unnamed" else config.networking.hostName;
      defaultText = lib.literalExpression "config.networking.hostName";
      description = ''
        The name of the system used in the {option}`system.build.toplevel` derivation.
      '';
    };
    systemBuilderCommands = lib.mkOption {
      type = lib.types.lines;
      internal = true;
      default = "";
      description = "This code will be added to the builder creating the system store path.";
    };
    extraDependencies = lib.mkOption {
      type = lib.types.listOf lib.types.pathInStore;
      default = [ ];
      description = ''
        A list of paths that should be included in the system closure but generally not visible to
        users.
      '';
    };
    switch.inhibitors = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      internal = true;
      description = "Parts of the system that cannot change while it runs.";
    };
  };

  config.system.build.toplevel = checked (
    pkgs.stdenv.mkDerivation {
      name = "nixos-system-${cfg.name}-${cfg.nixos.label}";
      buildCommand = builtins.readFile ./top-level.sh;
      inherit kernel;
      modules = lib.getOutput "modules" kernel;
      initrd = config.system.build.initialRamdisk;
      kernelParams = toString config.boot.kernelParams;
      nixosLabel = cfg.nixos.label;
      configurationRevision = if cfg.configurationRevision == null then "" else cfg.configurationRevision;
      inherit (cfg.build) etc activate;
      inherit (cfg) path systemBuilderCommands extraDependencies;
      inherit (pkgs) systemd;
      inherit program starter;
      bootspec = builtins.toJSON bootspec;
      specialisations = lib.concatStrings (
        lib.mapAttrsToList (name: toplevel: "${name} ${toplevel}\n") specialisations
      );
      bootLimit = toString config.boot.loader.systemd-boot.configurationLimit;
      inhibitors = builtins.toJSON cfg.switch.inhibitors;
      passAsFile = [ "bootspec" "specialisations" "inhibitors" ];
    }
  );
}
