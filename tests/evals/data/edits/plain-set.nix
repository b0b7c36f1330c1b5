{
  services.openssh.enable = true;
  services.openssh.ports = [ 22 2222 ];
  networking.hostName = "plain";
  swapDevices = [ ];
}
