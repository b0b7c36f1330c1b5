{ pkgs, ... }:

let
  # What every machine of ours has.
  myPackages = with pkgs; [
    ncdu
    tree
  ];

  ports = [ 2222 ];
in
{
  environment.systemPackages = myPackages;
  networking.firewall.allowedTCPPorts = ports;

  users.users.bob.packages = myPackages;
}
