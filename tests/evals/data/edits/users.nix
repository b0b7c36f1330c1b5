{ pkgs, config, ... }:
{
  users.mutableUsers = false;
  users.groups.media = { };
  users.users = {
    alice = {
      isNormalUser = true;
      uid = 1000;
      extraGroups = [ "wheel" "video" ];
      shell = pkgs.bash;
      openssh.authorizedKeys.keys = [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExam alice@desk"
      ];
      packages = with pkgs; [ thunderbird git ];
    };
    media = { isSystemUser = true; group = "media"; };
  };
  security.sudo.wheelNeedsPassword = true;
  environment.systemPackages = [ ];
  system.stateVersion = "24.11";
}
