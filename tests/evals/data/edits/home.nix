{ config, pkgs, inputs, ... }:

{
  imports = [ inputs.home-manager.nixosModules.home-manager ];

  environment.systemPackages = with pkgs; [ pavucontrol ];

  home-manager.useGlobalPkgs = true;
  home-manager.users.dana = { pkgs, lib, ... }: {
    home.packages = with pkgs; [
      git
      btop
    ];
    programs.git = {
      enable = true;
      userName = "Dana";
    };
    home.sessionVariables.EDITOR = "hx";
    home.stateVersion = "25.05";
  };
  home-manager.users.erik.home.packages = [ pkgs.signal-desktop ];
}
