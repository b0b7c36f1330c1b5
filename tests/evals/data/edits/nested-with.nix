{ pkgs, ... }:
with pkgs;
with lib;
{
  environment.systemPackages = with gnome; with kdePackages; [ dolphin nautilus ];
  fonts.packages = [ noto-fonts (nerdfonts.override { fonts = [ "Hack" ]; }) ];
  users.users.carol = { shell = fish; packages = [ ]; };
}
