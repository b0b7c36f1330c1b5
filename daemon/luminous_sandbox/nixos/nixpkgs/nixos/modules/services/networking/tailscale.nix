# The network Tailscale.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.tailscale;
in
{
  options.services.tailscale = {
    enable = lib.mkEnableOption "Tailscale client daemon";
    package = lib.mkPackageOption pkgs "tailscale" { };
    port = lib.mkOption {
      type = lib.types.port;
      default = 41641;
      description = "The port to listen on for tunnel traffic (0=autoselect).";
    };
    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to open the firewall for the specified port.";
    };
    useRoutingFeatures = lib.mkOption {
      type = lib.types.enum [ "none" "client" "server" "both" ];
      default = "none";
      example = "server";
      description = ''
        Enables settings required for Tailscale's routing features like subnet routers and exit
        nodes.
      '';
    };
    extraUpFlags = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "--ssh" ];
      description = "Extra flags to pass to {command}`tailscale up`.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    networking.firewall.allowedUDPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];
    systemd.services.tailscaled = {
      description = "Tailscale node agent";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      serviceConfig = {
        ExecStart = "${cfg.package}/bin/tailscaled --port=${toString cfg.port}";
        Type = "notify";
      };
    };
  };
}
