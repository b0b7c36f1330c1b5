# A module for a program that is switched on by programs.NAME.enable and then is simply there.
{ name, title, package ? name, more ? { } }:
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.${name};
in
{
  options.programs.${name} = {
    enable = lib.mkEnableOption title;
    package = lib.mkPackageOption pkgs package { };
  };
  config = lib.mkIf cfg.enable (lib.mkMerge [ {
    environment.systemPackages = [ cfg.package ];
  } more ]);
}
