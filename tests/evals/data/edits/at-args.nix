{ pkgs, lib, ... }@args:

let x = pkgs.xz; in
{
  environment.systemPackages = [x];
  boot.tmp.cleanOnBoot = true;
  boot.supportedFilesystems = ["ntfs"];
}
