# Without flakes: `nix-build`, or `imports = [ (import ./luminous { }).module ];`.
{ pkgs ? import <nixpkgs> { } }:
{
  luminous = pkgs.callPackage ./nixos-module/package.nix { };
  module = ./nixos-module;
  overlay = import ./nixos-module/overlay.nix;
}
