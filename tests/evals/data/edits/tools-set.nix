# Not a module either: it takes no other arguments.
{ pkgs ? import <nixpkgs> { } }:
{
  shell = pkgs.mkShell { packages = [ pkgs.jq ]; };
  environment = { systemPackages = [ pkgs.jq ]; };
}
