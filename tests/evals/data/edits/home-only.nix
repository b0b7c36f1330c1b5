# ~/.config/home-manager/home.nix
{ config, pkgs, ... }:
{
  home.username = "fred";
  home.homeDirectory = "/home/fred";
  home.packages = [
    pkgs.hello
    pkgs.cowsay
  ];
  programs.home-manager.enable = true;
}
