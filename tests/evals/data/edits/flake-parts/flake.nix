{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = inputs:
    let pkgs = import inputs.nixpkgs { system = "x86_64-linux"; config.allowUnfree = true; };
    in {
      nixosConfigurations.box = inputs.nixpkgs.lib.nixosSystem {
        inherit pkgs;
        modules = [ ./configuration.nix { services.blueman.enable = false; } ];
      };
      packages.x86_64-linux.default = pkgs.hello;
    };
}
