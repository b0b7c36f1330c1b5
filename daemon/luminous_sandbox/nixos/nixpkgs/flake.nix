# The channel as a flake, for configurations that are flakes.
{
  description = "The package set of the sandbox's small NixOS";
  outputs =
    { self }:
    let
      lib = import ./lib;
      systems = [ "x86_64-linux" "aarch64-linux" ];
    in
    {
      lib = lib // {
        nixosSystem =
          { modules, system ? null, specialArgs ? { } }:
          import ./nixos/lib/eval-config.nix {
            inherit system specialArgs;
            modules = modules ++ [ { config.nixpkgs.flake.source = self.outPath; } ];
          };
      };
      legacyPackages = lib.genAttrs systems (system: import ./. { inherit system; });
    };
}
