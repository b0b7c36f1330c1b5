{ pkgs, ... }:
let
  naming = { networking.hostName = "barn"; };
  sound = { pkgs, ... }: { environment.systemPackages = [ pkgs.alsa-utils ]; };
in
{
  imports = [ naming sound ];
  services.smartd.enable = true;
}
