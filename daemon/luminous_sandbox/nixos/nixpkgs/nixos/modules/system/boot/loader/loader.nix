# Boot loaders. The small system writes the entries of systemd-boot, whichever is chosen.
{ config, lib, ... }:
let
  cfg = config.boot.loader;
in
{
  options.boot.loader = {
    timeout = lib.mkOption {
      default = 5;
      type = lib.types.nullOr lib.types.int;
      description = ''
        Timeout (in seconds) until loader boots the default menu item. Use null if the loader menu
        should be displayed indefinitely.
      '';
    };
    efi.canTouchEfiVariables = lib.mkOption {
      default = false;
      type = lib.types.bool;
      description = "Whether the installation process is allowed to modify EFI boot variables.";
    };
    efi.efiSysMountPoint = lib.mkOption {
      default = "/boot";
      type = lib.types.str;
      description = "Where the EFI System Partition is mounted.";
    };
    systemd-boot = {
      enable = lib.mkOption {
        default = false;
        type = lib.types.bool;
        description = "Whether to enable the systemd-boot (formerly gummiboot) EFI boot manager.";
      };
      editor = lib.mkOption {
        default = true;
        type = lib.types.bool;
        description = "Whether to allow editing the kernel command-line before boot.";
      };
      configurationLimit = lib.mkOption {
        default = null;
        example = 120;
        type = lib.types.nullOr lib.types.int;
        description = ''
          Maximum number of latest generations in the boot menu. Useful to prevent boot partition
          running out of disk space.
        '';
      };
    };
    grub = {
      enable = lib.mkOption {
        default = false;
        type = lib.types.bool;
        description = "Whether to enable the GNU GRUB boot loader.";
      };
      device = lib.mkOption {
        default = "";
        example = "/dev/disk/by-id/wwn-0x500001234567890a";
        type = lib.types.str;
        description = "The device on which the GRUB boot loader will be installed.";
      };
    };
  };
  config.assertions = [
    {
      assertion = !(cfg.grub.enable && cfg.systemd-boot.enable);
      message = "boot.loader.grub.enable and boot.loader.systemd-boot.enable cannot both be true; choose one boot loader.";
    }
    {
      assertion = cfg.grub.enable -> cfg.grub.device != "";
      message = "You must set the option ‘boot.loader.grub.devices’ or 'boot.loader.grub.mirroredBoots' to make the system bootable.";
    }
  ];
}
