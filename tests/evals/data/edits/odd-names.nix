{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [
    pkgs.git # although it stands inside of with
    (pkgs.vim)
    _7zz
    libsForQt5.kdenlive
  ];
  networking.firewall.allowedTCPPorts = [ 80 443 80 ];
  networking.firewall.allowedUDPPorts = [
    53 # names
    67
    53
  ];
  boot.kernelParams = [ "a=b" "quiet" "splash=\"x\"" ''loglevel=3'' ];
  services.xserver.displayManager.setupCommands = "";
  services.xserver.dpi = null;
  services.xserver.resolutions = [ { x = 1920; y = 1080; } ];
  powerManagement.cpuFreqGovernor = "powersave";
  location = { latitude = 52.5; longitude = -13.4; };
}
