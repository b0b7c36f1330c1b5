# Compressed swap in memory.
{ config, lib, ... }:
let
  cfg = config.zramSwap;
in
{
  options.zramSwap = {
    enable = lib.mkOption {
      default = false;
      type = lib.types.bool;
      description = ''
        Enable in-memory compressed devices and swap space provided by the zram kernel module.
      '';
    };
    algorithm = lib.mkOption {
      default = "zstd";
      example = "lz4";
      type = lib.types.either (lib.types.enum [ "842" "lzo" "lzo-rle" "lz4" "lz4hc" "zstd" ]) lib.types.str;
      description = ''
        Compression algorithm. `lzo` has good compression, but is slow. `lz4` has bad compression,
        but is fast. `zstd` is both good compression and fast, but requires newer kernel.
      '';
    };
    memoryPercent = lib.mkOption {
      default = 50;
      type = lib.types.int;
      description = ''
        Maximum total amount of memory that can be stored in the zram swap devices (as a percentage
        of your total memory).
      '';
    };
    priority = lib.mkOption {
      default = 5;
      type = lib.types.int;
      description = "Priority of the zram swap devices.";
    };
  };
  config = lib.mkIf cfg.enable {
    systemd.services."systemd-zram-setup@zram0" = {
      description = "Create swap on /dev/zram0";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
    };
    environment.etc."systemd/zram-generator.conf".text = lib.generators.toINI { } {
      zram0 = {
        compression-algorithm = cfg.algorithm;
        swap-priority = cfg.priority;
        zram-size = "ram * ${toString cfg.memoryPercent} / 100";
      };
    };
  };
}
