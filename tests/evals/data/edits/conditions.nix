{ config, lib, pkgs, ... }:

{
  environment.systemPackages = lib.optionals config.virtualisation.docker.enable [
    pkgs.docker-compose
    pkgs.lazydocker
  ];

  services.fwupd.enable = lib.mkIf config.hardware.enableRedistributableFirmware true;

  programs = lib.mkIf config.services.xserver.enable {
    steam.enable = false;
    gamemode.enable = true;
  };

  networking.firewall.allowedTCPPorts =
    if config.services.nginx.enable then [ 80 443 ] else [ ];
}
