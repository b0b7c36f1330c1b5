# Small services that hardware wants: firmware updates, discards, thermal control.
{ config, lib, ... }:
let
  simple = name: title: {
    options = { enable = lib.mkEnableOption title; };
    unit = lib.mkIf config.services.${name}.enable {
      description = title;
      wantedBy = [ "multi-user.target" ];
      serviceConfig.Type = "dbus";
    };
  };
  fwupd = simple "fwupd" "fwupd, a DBus service that allows applications to update firmware";
  thermald = simple "thermald" "thermald, the temperature management daemon";
  tlp = simple "tlp" "the TLP power management daemon";
in
{
  options.services = {
    fwupd = fwupd.options;
    thermald = thermald.options;
    tlp = tlp.options;
    fstrim = {
      enable = lib.mkEnableOption "periodic SSD TRIM of mounted partitions in background" // {
        default = true;
      };
      interval = lib.mkOption {
        type = lib.types.str;
        default = "weekly";
        description = ''
          How often we run fstrim. For most desktop and server systems a sufficient trimming
          frequency is once a week.
        '';
      };
    };
  };
  config.systemd = {
    services = {
      fwupd = fwupd.unit;
      thermald = thermald.unit;
      tlp = tlp.unit;
      fstrim = lib.mkIf config.services.fstrim.enable {
        description = "Discard unused blocks on filesystems";
        startAt = config.services.fstrim.interval;
        serviceConfig.Type = "oneshot";
      };
    };
  };
}
