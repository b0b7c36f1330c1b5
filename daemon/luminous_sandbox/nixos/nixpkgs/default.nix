# The package set: import <nixpkgs> { }.
import ./pkgs
