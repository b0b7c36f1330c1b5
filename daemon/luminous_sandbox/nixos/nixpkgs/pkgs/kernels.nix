# Kernels: each with an image to boot, its modules, and the packages that are made for it.
{ lib, pkgs, release }:
let
  inherit (pkgs) stdenv;
  kernel = version: stdenv.mkDerivation {
    pname = "linux";
    inherit version;
    outputs = [ "out" "dev" "modules" ];
    pos = builtins.unsafeGetAttrPos "kernel" { kernel = null; };
    meta = {
      description = "Linux kernel";
      homepage = "https://www.kernel.org/";
      license = lib.licenses.gpl2Only;
    };
    passthru = { modDirVersion = version; prebuilt = true; };
    buildCommand = ''
      mkdir -p $out $dev $modules/lib/modules/$version
      echo "Linux version $version" >$out/bzImage
      head -c 96k /dev/zero >>$out/bzImage
      echo "kernel/fs/ext4/ext4.ko" >$modules/lib/modules/$version/modules.order
      head -c 160k /dev/zero >$modules/lib/modules/$version/modules.dep
    '';
  };
  packagesFor = kernel: lib.recurseIntoAttrs {
    inherit kernel;
    zfs = pkgs.zfs;
    extend = overlay: lib.fix (lib.extends overlay (_: packagesFor kernel));
  };
in
rec {
  linuxKernel = {
    inherit packagesFor;
    packages = { linux_6_12 = linuxPackages_6_12; linux_6_16 = linuxPackages_6_16; };
  };
  linuxPackagesFor = packagesFor;
  linux_6_12 = kernel (release.packages.linux or "6.12.48");
  linux_6_16 = kernel (release.packages.linux_latest or "6.16.8");
  linux = linux_6_12;
  linux_latest = linux_6_16;
  linuxPackages_6_12 = packagesFor linux_6_12;
  linuxPackages_6_16 = packagesFor linux_6_16;
  linuxPackages = linuxPackages_6_12;
  linuxPackages_latest = linuxPackages_6_16;
}
