{ config, pkgs, ... }:
{
  services.nginx.virtualHosts."a.example.org".root = "/srv/a";
  services.nginx.virtualHosts."b.example.org" = {
    root = "/srv/b";
    "enableACME" = true;
  };
  "environment"."systemPackages" = [ pkgs."python3" pkgs.lynx ];
  boot.kernel.sysctl."net.ipv4.ip_forward" = 1;
  boot.kernel.sysctl = { "vm.swappiness" = 10; };
  environment.etc."motd".text = ''
    Welcome.
    services.openssh.enable = false;
  '';
  networking.hosts."192.0.2.7" = [ "nas" "nas.home.arpa" ];
}
