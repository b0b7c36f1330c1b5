{ config, lib, pkgs, ... }:
let
  editors = with pkgs; [ neovim helix ];
in {
  environment.systemPackages =
    editors
    ++ (with pkgs; [
      fd
      bat
    ])
    ++ lib.optionals config.services.xserver.enable [ pkgs.xclip pkgs.arandr ]
    ++ lib.optional config.networking.networkmanager.enable pkgs.networkmanagerapplet;

  fonts.packages = [ pkgs.dejavu_fonts ] ++ [ pkgs.hack-font ];
}
