# A module of our own: options above, what they do below.
{ config, lib, pkgs, ... }:

with lib;

let
  cfg = config.services.nightBackup;
in
{
  options.services.nightBackup = {
    enable = mkEnableOption "a copy of everything at night";

    target = mkOption {
      type = types.str;
      default = "/mnt/backup";
      description = "Where to. Say environment.systemPackages = [ ]; elsewhere.";
    };

    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
    };
  };

  config = mkIf cfg.enable {
    environment.systemPackages = [ pkgs.borgbackup ] ++ cfg.packages;

    systemd.services.night-backup = {
      description = "Copy everything";
      script = ''
        ${pkgs.borgbackup}/bin/borg create ${cfg.target}::night /home
      '';
      serviceConfig.Type = "oneshot";
    };
  };
}
