{ config, pkgs, git, lib, ... }:
let
  htop = pkgs.htop.override { sensorsSupport = false; };
  unstable = import <nixos-unstable> { };
in
{
  # Here htop is our own, and git came with the arguments.
  environment.systemPackages = with pkgs; [
    bottom
    duf
  ];
  fonts.packages = let pkgs = unstable; in with pkgs; [ iosevka ];
  users.users.hana.packages = with unstable; [ zed-editor ];
  users.users.ivan = rec {
    uid = 1001;
    packages = with pkgs; [ w3m ];
  };
}
