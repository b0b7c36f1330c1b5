{ config, pkgs, lib, ... }:
let
  host = "files";
  user = "gina";
in
{
  services.nginx.virtualHosts."${host}.example.org".root = "/srv/${host}";
  users.users.${user} = {
    isNormalUser = true;
    packages = [ pkgs.gimp ];
  };
  environment.systemPackages = map (name: pkgs.${name}) [ "git" "curl" ];
  networking.firewall.allowedTCPPorts = builtins.concatLists [ [ 25 ] [ 587 ] ];
}
