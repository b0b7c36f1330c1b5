# The kernel, what it is told at boot, and what it starts from.
{ config, lib, pkgs, ... }:
let
  inherit (config.boot) initrd;
in
{
  options.boot = {
    kernelPackages = lib.mkOption {
      default = pkgs.linuxPackages;
      type = lib.types.raw;
      defaultText = lib.literalExpression "pkgs.linuxPackages";
      example = lib.literalExpression "pkgs.linuxKernel.packages.linux_6_12";
      description = "This option allows you to override the Linux kernel used by NixOS.";
    };
    kernelParams = lib.mkOption {
      type = lib.types.listOf (lib.types.strMatching "([^\"[:space:]]|\"[^\"]*\")+" // {
        name = "kernelParam";
        description = "string, with spaces inside double quotes";
      });
      default = [ ];
      description = "Parameters added to the kernel command line.";
    };
    kernelModules = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = ''
        The set of kernel modules to be loaded in the second stage of the boot process.
      '';
    };
    initrd.availableKernelModules = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "sata_nv" "ext3" ];
      description = ''
        The set of kernel modules in the initial ramdisk used during the boot process.
      '';
    };
    initrd.kernelModules = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "List of modules that are always loaded by the initrd.";
    };
    supportedFilesystems = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "btrfs" ];
      description = "Names of supported filesystem types.";
    };
    tmp.cleanOnBoot = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to delete all files in {file}`/tmp` during boot.";
    };
    consoleLogLevel = lib.mkOption {
      type = lib.types.int;
      default = 4;
      description = ''
        The kernel console `loglevel`. All Kernel Messages with a log level smaller than this
        setting will be printed to the console.
      '';
    };
  };
  options.boot.kernel.sysctl = lib.mkOption {
    type = lib.types.attrsOf (lib.types.nullOr (lib.types.oneOf [ lib.types.bool lib.types.str lib.types.int ]));
    default = { };
    example = lib.literalExpression ''{ "net.ipv4.tcp_syncookies" = false; "vm.swappiness" = 60; }'';
    description = "Runtime parameters of the Linux kernel, as set by {manpage}`sysctl(8)`.";
  };

  config = {
    boot.kernelParams = [ "loglevel=${toString config.boot.consoleLogLevel}" ];
    environment.etc."sysctl.d/60-nixos.conf".text = lib.concatStrings (
      lib.mapAttrsToList (
        name: value:
        lib.optionalString (value != null) "${name}=${if value == false then "0" else toString value}\n"
      ) config.boot.kernel.sysctl
    );
    system.build.initialRamdisk =
      pkgs.runCommand "initrd-linux-${config.boot.kernelPackages.kernel.version}"
        {
          modules = toString (
            lib.naturalSort (lib.unique (initrd.availableKernelModules ++ initrd.kernelModules))
          );
        }
        ''
          mkdir $out
          echo "modules: $modules" >$out/initrd
          head -c 64k /dev/zero >>$out/initrd
        '';
  };
}
