{ lib, pkgs, ... }:
let
  extras = { pkgs, ... }: { environment.systemPackages = [ pkgs.ethtool ]; };
in
{
  imports = [ extras ] ++ lib.optionals true [ { services.openssh.enable = true; } ];
  environment.systemPackages = [ pkgs.${"htop"} pkgs.iperf ];
}
