{
  description = "One machine";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    home-manager = {
      url = "github:nix-community/home-manager/release-25.11";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { self, nixpkgs, home-manager, ... }@inputs: {
    nixosConfigurations.laptop = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [
        ./hardware-configuration.nix
        home-manager.nixosModules.home-manager
        ({ config, pkgs, ... }: {
          networking.hostName = "laptop";
          environment.systemPackages = with pkgs; [
            acpi
            powertop
          ];
          services.tlp.enable = true;
          networking.firewall.allowedTCPPorts = [ 22000 ];
        })
      ];
    };

    devShells.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.mkShell {
      packages = [ nixpkgs.legacyPackages.x86_64-linux.git ];
    };
  };
}
