{ config, lib, pkgs, ... }:
lib.mkIf (config.networking.hostName == "atlas") {
  environment.systemPackages = [ pkgs.radeontop ];
  services.ollama.enable = false;
}
