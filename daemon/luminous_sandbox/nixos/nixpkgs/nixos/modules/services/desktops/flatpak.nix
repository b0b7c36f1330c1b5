# Flatpak.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.flatpak;
in
{
  options.services.flatpak = {
    enable = lib.mkEnableOption "flatpak";
    package = lib.mkPackageOption pkgs "flatpak" { };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.variables.XDG_DATA_DIRS = "/var/lib/flatpak/exports/share";
  };
}
