# NetworkManager.
{ config, lib, pkgs, ... }:
let
  cfg = config.networking.networkmanager;
in
{
  options.networking.networkmanager = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = ''
        Whether to use NetworkManager to obtain an IP address and other configuration for all
        network interfaces that are not manually configured.
      '';
    };
    wifi.powersave = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = "Whether to enable Wi-Fi power saving.";
    };
    wifi.backend = lib.mkOption {
      type = lib.types.enum [ "wpa_supplicant" "iwd" ];
      default = "wpa_supplicant";
      description = "Specify the Wi-Fi backend used for the device.";
    };
    dns = lib.mkOption {
      type = lib.types.enum [ "default" "dnsmasq" "systemd-resolved" "none" ];
      default = "default";
      description = "Set the DNS (`resolv.conf`) processing mode.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.networkmanager ];
    environment.etc."NetworkManager/NetworkManager.conf".text = lib.generators.toINI { } {
      main.dns = cfg.dns;
      device."wifi.backend" = cfg.wifi.backend;
    };
    users.groups.networkmanager = { };
    systemd.services.NetworkManager = {
      description = "Network Manager";
      wantedBy = [ "multi-user.target" ];
      after = [ "dbus.service" ];
      restartIfChanged = true;
      restartTriggers = [ config.environment.etc."NetworkManager/NetworkManager.conf".source ];
      serviceConfig = {
        Type = "dbus";
        BusName = "org.freedesktop.NetworkManager";
        ExecStart = "${pkgs.networkmanager}/bin/NetworkManager --no-daemon";
      };
    };
  };
}
