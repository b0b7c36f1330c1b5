# Without flakes: `nix-build -A luminous`, or `imports = [ (import ./luminous { }).module ];`.
{ pkgs ? import <nixpkgs> { } }:
{
  inherit (pkgs.callPackage ./nixos-module/package.nix { }) luminous luminousd luminous-mind ask-nix;
  module = ./nixos-module;
  overlay = import ./nixos-module/overlay.nix;
  tests = import ./tests/nixos { inherit pkgs; };
}
