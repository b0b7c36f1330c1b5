{pkgs,...}:{environment.systemPackages=[pkgs.git pkgs.vim];services.openssh.enable=true;networking.firewall.allowedTCPPorts=[80];}
