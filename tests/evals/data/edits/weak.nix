{ lib, ... }:
{
  services.openssh.enable = lib.mkOverride 2000 false;
  services.printing.enable = lib.mkOptionDefault false;
  time.timeZone = lib.mkDefault "UTC";
}
