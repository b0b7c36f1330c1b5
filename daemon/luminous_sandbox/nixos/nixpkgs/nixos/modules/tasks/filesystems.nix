# File systems and swap, as the hardware scan writes them.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    fileSystems = mkOption {
      default = { };
      example = { "/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; }; };
      description = "The file systems to be mounted.";
      type = types.attrsOf (
        types.submodule (
          { name, ... }:
          {
            options = {
              mountPoint = mkOption {
                type = types.nonEmptyStr;
                default = name;
                example = "/mnt/usb";
                description = "Location where the file system will be mounted.";
              };
              device = mkOption {
                type = types.nullOr types.nonEmptyStr;
                default = null;
                example = "/dev/sda";
                description = ''
                  The device as passed to `mount`. This can be any of: a device name or UUID.
                '';
              };
              fsType = mkOption {
                type = types.nonEmptyStr;
                default = "auto";
                example = "ext3";
                description = "Type of the file system.";
              };
              options = mkOption {
                type = types.listOf types.nonEmptyStr;
                default = [ "defaults" ];
                example = [ "data=journal" ];
                description = "Options used to mount the file system.";
              };
            };
          }
        )
      );
    };
    swapDevices = mkOption {
      default = [ ];
      example = [ { device = "/dev/hda7"; } { device = "/var/swapfile"; } ];
      description = "The swap devices and swap files.";
      type = types.listOf (types.submodule {
        options.device = mkOption {
          type = types.nonEmptyStr;
          example = "/dev/sda3";
          description = "Path of the device or swap file.";
        };
      });
    };
    hardware.enableRedistributableFirmware = mkOption {
      default = false;
      type = types.bool;
      description = "Whether to enable firmware with a license allowing redistribution.";
    };
    hardware.graphics.enable = mkOption {
      default = false;
      type = types.bool;
      description = "Whether to enable hardware accelerated graphics drivers.";
    };
  };
  config = {
    environment.etc.fstab.text = lib.concatStrings (
      lib.mapAttrsToList (
        _: fs:
        "${toString fs.device} ${fs.mountPoint} ${fs.fsType} ${lib.concatStringsSep "," fs.options} 0 0\n"
      ) config.fileSystems
    );
    assertions = [
      {
        assertion = config.boot.isContainer or false || config.isSpecialisation || config.fileSystems ? "/";
        message = "The ‘fileSystems’ option does not specify your root file system.";
      }
    ];
  };
}
