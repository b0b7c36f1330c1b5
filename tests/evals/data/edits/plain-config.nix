{ pkgs, ... }:

{
  options = { };

  config = {
    environment.systemPackages = with pkgs; [ curl jq ];
    programs.zsh.enable = true;
    services.tailscale.enable = false;
  };
}
