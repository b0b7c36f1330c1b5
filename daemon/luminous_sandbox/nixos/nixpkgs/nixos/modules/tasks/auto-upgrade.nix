# Upgrades by the clock.
{ config, lib, pkgs, ... }:
let
  cfg = config.system.autoUpgrade;
in
{
  options.system.autoUpgrade = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = ''
        Whether to periodically upgrade NixOS to the latest version. If enabled, a systemd timer
        will run `nixos-rebuild switch --upgrade` once a day.
      '';
    };
    operation = lib.mkOption {
      type = lib.types.enum [ "switch" "boot" ];
      default = "switch";
      example = "boot";
      description = ''
        Whether to run `nixos-rebuild switch --upgrade` or run `nixos-rebuild boot --upgrade`
      '';
    };
    dates = lib.mkOption {
      type = lib.types.str;
      default = "04:40";
      example = "daily";
      description = "How often or when upgrade occurs.";
    };
    allowReboot = lib.mkOption {
      default = false;
      type = lib.types.bool;
      description = ''
        Reboot the system into the new generation instead of a switch if the new generation uses a
        different kernel, kernel modules or initrd than the booted system.
      '';
    };
    channel = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "https://nixos.org/channels/nixos-14.12-small";
      description = "The URI of the NixOS channel to use for automatic upgrades.";
    };
  };
  config = lib.mkIf cfg.enable {
    systemd.services.nixos-upgrade = {
      description = "NixOS Upgrade";
      restartIfChanged = false;
      unitConfig.X-StopOnRemoval = false;
      startAt = cfg.dates;
      script = "${pkgs.nixos-rebuild}/bin/nixos-rebuild ${cfg.operation} --upgrade";
      serviceConfig.Type = "oneshot";
    };
  };
}
