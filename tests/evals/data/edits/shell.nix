# No module: a shell for working on something.
{ pkgs ? import <nixpkgs> { } }:

pkgs.mkShell {
  packages = with pkgs; [ git gnumake ];
  shellHook = ''
    export EDITOR=vim
  '';
}
