# This file describes the whole machine: what is installed, what runs, who uses it.
# After a change, `nixos-rebuild switch` as root makes it so.
{ config, pkgs, ... }:

{
  imports = [
    ./hardware-configuration.nix # what the installer found
    ./luminous.nix # what was asked for in plain words
  ];

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  networking.hostName = "luminous-sandbox";
  networking.networkmanager.enable = true;

  time.timeZone = "Europe/Amsterdam";
  i18n.defaultLocale = "en_GB.UTF-8";

  users.users.alice = {
    isNormalUser = true;
    description = "Alice";
    extraGroups = [ "wheel" "networkmanager" ];
  };
  users.users.bob = {
    isNormalUser = true;
    description = "Bob";
  };

  environment.systemPackages = with pkgs; [
    htop
    tree
    vim
  ];

  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };

  # The release this machine was installed with. It stays as it is.
  system.stateVersion = "25.11";
}
