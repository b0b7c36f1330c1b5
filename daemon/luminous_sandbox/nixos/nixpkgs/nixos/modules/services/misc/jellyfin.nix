# The media server Jellyfin.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.jellyfin;
in
{
  options.services.jellyfin = {
    enable = lib.mkEnableOption "Jellyfin Media Server";
    package = lib.mkPackageOption pkgs "jellyfin" { };
    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Open the default ports in the firewall for the media server.";
    };
  };
  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ 8096 8920 ];
    systemd.services.jellyfin = {
      description = "Jellyfin Media Server";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig.ExecStart = "${cfg.package}/bin/jellyfin";
    };
  };
}
