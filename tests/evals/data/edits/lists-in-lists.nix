{ pkgs, lib, ... }:
{
  environment.systemPackages = lib.flatten [
    (with pkgs; [ nmap socat ])
    [ pkgs.mtr [ pkgs.dnsutils ] ]
  ];
  users.users.judy.packages = lib.concatLists [ (with pkgs; [ imv ]) [ pkgs.zathura ] ];
  fonts.packages = with pkgs; ([ fira ] ++ [ fira-mono ]);
  boot.kernelModules = (([ "tun" ]));
  boot.extraModprobeConfig = "" + ''
    options tun x=1
  '';
}
