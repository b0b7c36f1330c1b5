{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = { self, nixpkgs, ... }:
    let
      inherit (nixpkgs) lib;
      isServer = true;
    in
    {
      nixosConfigurations.loft = lib.nixosSystem {
        modules = [
          { networking.hostName = "loft"; }
        ]
        ++ lib.optionals isServer [ { services.openssh.enable = false; } ];
      };
    };
}
