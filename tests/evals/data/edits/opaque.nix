{ config, lib, pkgs, ... }:
let
  web = { enable = true; recommendedGzipSettings = true; };
in
{
  services.nginx = web;
  services.openssh = import ./ssh.nix;
  services.fail2ban = lib.mkIf config.services.openssh.enable { maxretry = 3; };
  services.prometheus = { port = 9090; } // lib.optionalAttrs true { retentionTime = "30d"; };
  services.grafana.settings = lib.importJSON ./grafana.json;
  services.caddy = { inherit (web) enable; };
  hardware = { inherit (import ./gpu.nix) nvidia graphics; };
  environment = lib.mkDefault { shells = [ pkgs.zsh ]; };
  programs.fish = (lib.mkForce { enable = false; });
}
