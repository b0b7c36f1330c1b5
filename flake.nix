{
  description = "Change, understand and undo a NixOS machine in plain words";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      packages = pkgs: import ./default.nix { inherit pkgs; };
    in
    {
      packages = each (pkgs: {
        inherit (packages pkgs) luminous luminousd luminous-mind ask-nix;
        default = (packages pkgs).luminous;
      });

      overlays.default = import ./nixos-module/overlay.nix;

      nixosModules.default = {
        imports = [ ./nixos-module ];
        nixpkgs.overlays = [ self.overlays.default ];
      };

      # What needs more than a build (machines in machines, builds in builds) is in `make test`.
      checks = each (pkgs: import ./tests/nixos/checks.nix { inherit pkgs; } // (packages pkgs).tests);

      devShells = each (pkgs: {
        default = pkgs.mkShell { packages = [ pkgs.python3 pkgs.gnumake pkgs.pkg-config pkgs.systemd ]; };
      });

      formatter = each (pkgs: pkgs.nixfmt);
    };
}
