# One machine, its module kept in a let.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = inputs@{ self, nixpkgs, ... }:
    let
      system = "x86_64-linux";
      base = { pkgs, lib, ... }: {
        environment.systemPackages = with pkgs; [
          zip
        ];
        services.thermald.enable = lib.mkDefault true;
      };
    in
    {
      nixosConfigurations.tower = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [ base ({ ... }: { networking.hostName = "tower"; time.timeZone = "UTC"; }) ];
      };
      formatter.${system} = nixpkgs.legacyPackages.${system}.nixfmt;
    };
}
