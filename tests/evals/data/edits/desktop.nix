# The desk in the living room. Written by hand over some years.
{ config, pkgs, ... }:

{
  imports = [
    ./hardware-configuration.nix # made by nixos-generate-config
  ];

  boot.loader.systemd-boot.enable = true;
  boot.loader.timeout = 5;

  networking.hostName = "desk"; # Define your hostname.
  networking.networkmanager.enable = true;
  # networking.wireless.enable = true;

  time.timeZone = "Europe/Berlin";
  i18n.defaultLocale = "de_DE.UTF-8";

  users.users.alice = {
    isNormalUser = true;
    description = "Alice";
    extraGroups = [ "networkmanager" "audio" ];
    packages = with pkgs; [
      firefox
      kate
    ];
  };

  # $ nix search wget
  environment.systemPackages = with pkgs; [
    vim # Do not forget to add an editor to edit configuration.nix!
    wget
    #  ripgrep
  ];

  # services.openssh.enable = true;
  services.printing.enable = false;

  # Open ports in the firewall.
  # networking.firewall.allowedTCPPorts = [ 8080 ];

  system.stateVersion = "25.05"; # Did you read the comment?
}
