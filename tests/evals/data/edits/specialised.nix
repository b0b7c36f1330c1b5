{ pkgs, lib, ... }:
{
  specialisation.travel.configuration = {
    environment.systemPackages = [ pkgs.wireguard-tools ];
    services.tlp.enable = lib.mkForce true;
  };
  specialisation.play = { configuration = { programs.steam.enable = true; }; };
  environment.systemPackages = [ pkgs.inxi ];
  boot.initrd.availableKernelModules = [ "xhci_pci" "nvme" ];
  services.tlp.enable = false;
}
