{ pkgs, ... }:
{
  environment.systemPackages = [ pkgs.gnumake ];
  services = { openssh.enable = true; } // { printing.enable = true; };
}
// { networking.hostName = "joined"; }
