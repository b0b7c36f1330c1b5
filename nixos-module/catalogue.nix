# What can be searched: this machine's options and packages, where Luminous's reader finds them.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  # The manual's own: a second list would cost each evaluation of the machine seconds.
  isDocumented = config.documentation.enable && config.documentation.nixos.enable;
in
{
  options.services.luminous.catalogue.enable = mkOption {
    type = types.bool;
    default = true;
    example = false;
    description = ''
      Whether to keep lists for searching: of this machine's options, in
      {file}`/etc/luminous/options.json` (the manual's list, so it needs
      {option}`documentation.nixos.enable`), and of the packages of its nixpkgs, in
      {file}`/var/cache/luminous-catalogue/packages.json`. The packages are listed in the
      background, after a boot and after nixpkgs has changed.
    '';
  };

  config = lib.mkIf (cfg.enable && cfg.catalogue.enable) {
    environment.etc."luminous/options.json" = lib.mkIf isDocumented {
      source = "${config.system.build.manual.optionsJSON}/share/doc/nixos/options.json";
    };

    systemd.services.luminous-catalogue = {
      environment.NIXPKGS = toString pkgs.path;
      path = [ config.nix.package pkgs.coreutils ];
    };
    systemd.timers.luminous-catalogue.wantedBy = [ "timers.target" ];
    systemd.paths.luminous-catalogue.wantedBy = [ "paths.target" ];
  };
}
