# Printing with CUPS.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.printing;
in
{
  options.services.printing = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to enable printing support through the CUPS daemon.";
    };
    package = lib.mkPackageOption pkgs "cups" { };
    drivers = lib.mkOption {
      type = lib.types.listOf lib.types.path;
      default = [ ];
      example = lib.literalExpression "with pkgs; [ gutenprint hplip splix ]";
      description = "CUPS drivers to use.";
    };
    webInterface = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Specifies whether the web interface is enabled.";
    };
    browsing = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Specifies whether shared printers are advertised.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    systemd.sockets.cups = {
      description = "CUPS Scheduler";
      wantedBy = [ "sockets.target" ];
      listenStreams = [ "/run/cups/cups.sock" ];
    };
    systemd.services.cups = {
      description = "CUPS Printing Service";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig.ExecStart = "${cfg.package}/bin/cupsd -f";
    };
  };
}
