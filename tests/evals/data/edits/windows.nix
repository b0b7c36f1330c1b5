{ config, pkgs, ... }:
{
  # Edited on another system.
  environment.systemPackages = with pkgs; [
    git
    unzip
  ];
  services.openssh.enable = true;
  networking.firewall.allowedTCPPorts = [ 22 ];
  environment.etc."hello.txt".text = ''
    line one
    line two
  '';
}
