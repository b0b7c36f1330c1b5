# Adds `pkgs.luminous`.
final: _: { luminous = final.callPackage ./package.nix { }; }
