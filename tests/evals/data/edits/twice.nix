{ pkgs, lib, ... }:
{
  environment.systemPackages = [ pkgs.lsof ];
  boot.kernelModules = [ "kvm-intel" ];

  environment.systemPackages = with pkgs; [ iotop ];
  services.chrony.enable = true;
}
