{ pkgs, lib, ... }:
{
  imports = [
    { environment.systemPackages = [ pkgs.usbutils ]; }
    ({ pkgs, ... }: { environment.systemPackages = [ pkgs.pciutils ]; })
  ];
  environment.systemPackages = [ pkgs.hdparm ];
  services.upower.enable = true;
}
