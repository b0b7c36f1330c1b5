# Bluetooth.
{ config, lib, pkgs, ... }:
let
  cfg = config.hardware.bluetooth;
in
{
  options.hardware.bluetooth = {
    enable = lib.mkEnableOption "support for Bluetooth";
    powerOnBoot = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether to power up the default Bluetooth controller on boot.";
    };
    package = lib.mkPackageOption pkgs "bluez" { };
    settings = lib.mkOption {
      type = lib.types.attrsOf (lib.types.attrsOf (lib.types.oneOf [ lib.types.bool lib.types.int lib.types.str ]));
      default = { };
      example = { General = { ControllerMode = "bredr"; }; };
      description = "Set configuration for system-wide bluetooth (/etc/bluetooth/main.conf).";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc."bluetooth/main.conf".text = lib.generators.toINI { } (lib.recursiveUpdate {
      Policy.AutoEnable = cfg.powerOnBoot;
    } cfg.settings);
    systemd.services.bluetooth = {
      description = "Bluetooth service";
      wantedBy = [ "multi-user.target" ];
      aliases = [ "dbus-org.bluez.service" ];
      restartTriggers = [ config.environment.etc."bluetooth/main.conf".source ];
      serviceConfig = {
        Type = "dbus";
        BusName = "org.bluez";
        ExecStart = "${cfg.package}/bin/bluetoothd -f /etc/bluetooth/main.conf";
      };
    };
  };
}
