final: prev: {
  environment = { systemPackages = [ prev.git ]; };
  services.openssh.enable = true;
}
