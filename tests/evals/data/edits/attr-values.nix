{ pkgs, lib, ... }:
{
  environment.systemPackages = builtins.attrValues {
    inherit (pkgs)
      dust
      eza
      ;
    inherit (pkgs.gnome) gnome-tweaks;
    own = pkgs.callPackage ./own.nix { };
  };
  fonts.packages = lib.attrValues { inherit (pkgs) inter; };
}
