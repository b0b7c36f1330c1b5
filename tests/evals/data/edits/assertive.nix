{ config, lib, pkgs, ... }:
assert lib.versionAtLeast lib.version "24.05";
let unstable = import <nixos-unstable> { }; in
with lib;
{
  environment.systemPackages = [
    unstable.git
    pkgs.kitty
  ];
  warnings = optional (!config.services.openssh.enable) "No way in.";
}
