{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = ({ self, nixpkgs, ... }: {
    nixosConfigurations.attic = nixpkgs.lib.nixosSystem {
      modules = [
        ({ pkgs, ... }: {
          environment.systemPackages = [ pkgs.parted ];
          services.smartd.enable = false;
        })
      ];
    };
  });
}
