# Steam, which is unfree, and the ports that it plays on.
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.steam;
in
{
  options.programs.steam = {
    enable = lib.mkEnableOption "steam";
    package = lib.mkPackageOption pkgs "steam" { };
    remotePlay.openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Open ports in the firewall for Steam Remote Play.";
    };
    dedicatedServer.openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Open ports in the firewall for Source Dedicated Server.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    networking.firewall = {
      allowedTCPPorts = lib.optional (cfg.remotePlay.openFirewall || cfg.dedicatedServer.openFirewall) 27015;
      allowedUDPPorts = lib.optional cfg.remotePlay.openFirewall 27036;
    };
  };
}
