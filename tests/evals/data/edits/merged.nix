{ config, lib, pkgs, ... }:
{
  config = lib.mkMerge [
    {
      environment.systemPackages = [ pkgs.coreutils-full ];
      services.avahi.enable = true;
    }
    (lib.mkIf config.services.avahi.enable {
      environment.systemPackages = [ pkgs.avahi ];
      networking.firewall.allowedUDPPorts = [ 5353 ];
    })
    {
      nix.settings.experimental-features = [ "nix-command" "flakes" ];
    }
  ];
}
