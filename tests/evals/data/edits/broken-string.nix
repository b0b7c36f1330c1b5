{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.git ];
  networking.hostName = "never closed;
}
