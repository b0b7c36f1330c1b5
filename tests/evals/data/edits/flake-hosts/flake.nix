{
  inputs.nixpkgs.url = "nixpkgs/nixos-25.11";

  outputs = { nixpkgs, ... }:
    let
      shared = { pkgs, ... }: {
        environment.systemPackages = [ pkgs.rsync ];
        services.openssh.enable = true;
      };
    in {
      nixosConfigurations = {
        alpha = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            shared
            ({ pkgs, ... }: {
              networking.hostName = "alpha";
              environment.systemPackages = with pkgs; [ mpv ];
            })
          ];
        };
        beta = nixpkgs.lib.nixosSystem {
          system = "aarch64-linux";
          modules = [
            shared
            {
              networking.hostName = "beta";
              services.jellyfin.enable = true;
            }
          ];
        };
      };
    };
}
