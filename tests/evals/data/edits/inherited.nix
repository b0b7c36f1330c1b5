{ pkgs, lib, ... }:
let
  inherit (pkgs) ripgrep fzf;
  inherit (lib) mkDefault;
  enable = true;
in
{
  environment.systemPackages = [ ripgrep fzf pkgs.unstable.git ];
  services.locate = { inherit enable; };
  services.smartd.enable = enable;
  inherit (import ./networking.nix) networking;
  boot.loader.grub.device = mkDefault "/dev/sda";
}
