{ config, lib, pkgs, ... }:
{
  networking = {
    hostName = "cellar";
    domain = "home.arpa";
    firewall = {
      enable = true;
      allowedTCPPorts = [ 22 80 443 ];
      allowedTCPPortRanges = [ { from = 8000; to = 8100; } ];
      allowedUDPPorts = [ ];
    };
  };

  services.openssh = {
    enable = true;
    settings = {
      PermitRootLogin = "no";
      PasswordAuthentication = false;
    };
  };

  services.nginx.enable = true;
  services.nginx.virtualHosts."files.example.org" = {
    root = "/srv/files";
    locations."/".index = "index.html";
    locations."~ \\.php$" = {
      extraConfig = ''
        fastcgi_pass unix:/run/php.sock;
        # environment.systemPackages = [ pkgs.htop ];
        set $x ''${y};
      '';
    };
  };

  environment.systemPackages = [ pkgs.tmux pkgs.git-lfs pkgs.gitFull ];

  fileSystems."/" = { device = "/dev/disk/by-label/root"; fsType = "ext4"; };
  fileSystems."/srv" = {
    device = "/dev/disk/by-label/srv";
    fsType = "xfs";
    options = [ "noatime" "nofail" ];
  };
}
