{ pkgs, ... }: {
  environment.systemPackages = [ pkgs.file ];
  services.fstrim.enable = true;
}