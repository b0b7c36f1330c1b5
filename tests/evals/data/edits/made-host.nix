{ pkgs, lib, ... }:
let
  mkHost = name: { networking.hostName = name; environment.systemPackages = [ pkgs.mosh ]; };
  extra = import ./extra.nix { inherit pkgs; };
in
mkHost "made" // {
  services.mosquitto.enable = true;
}
