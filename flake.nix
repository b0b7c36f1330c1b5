{
  description = "Change, understand and undo a NixOS machine in plain words";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: rec {
        luminous = pkgs.callPackage ./nixos-module/package.nix { };
        default = luminous;
      });

      overlays.default = import ./nixos-module/overlay.nix;

      nixosModules.default = {
        imports = [ ./nixos-module ];
        nixpkgs.overlays = [ self.overlays.default ];
      };

      checks = each (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      });

      devShells = each (pkgs: {
        default = pkgs.mkShell { packages = [ pkgs.python3 pkgs.gnumake pkgs.pkg-config pkgs.systemd ]; };
      });

      formatter = each (pkgs: pkgs.nixfmt-rfc-style);
    };
}
