{ lib, pkgs, ... }: {
  environment.defaultPackages = lib.mkForce [ ];
  environment.systemPackages = lib.mkForce (with pkgs; [ busybox strace ]);
  services.openssh.enable = lib.mkDefault false;
  networking.firewall.enable = lib.mkForce true;
  boot.kernelParams = lib.mkBefore [ "quiet" ];
  boot.kernelPackages = lib.mkDefault pkgs.linuxPackages;
  networking.nameservers = lib.mkAfter [ "9.9.9.9" ];
  time.timeZone = lib.mkOverride 900 "UTC";
}
