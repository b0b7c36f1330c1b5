# Adds `pkgs.luminous`, and each of its programs by itself.
final: _: { inherit (final.callPackage ./package.nix { }) luminous luminousd luminous-mind ask-nix; }
