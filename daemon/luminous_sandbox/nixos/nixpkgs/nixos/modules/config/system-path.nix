# The programs that everybody finds: one tree of links, /run/current-system/sw.
{ config, lib, pkgs, ... }:
let
  cfg = config.environment;
  required = map (package: lib.setPrio ((package.meta.priority or 5) + 3) package) [
    pkgs.bash
    pkgs.nixos-rebuild
    pkgs.systemd
  ];
in
{
  options.environment = {
    systemPackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.firefox pkgs.thunderbird ]";
      description = ''
        The set of packages that appear in /run/current-system/sw. These packages are
        automatically available to all users, and are automatically updated every time you
        rebuild the system configuration.
      '';
    };
    defaultPackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      example = [ ];
      description = "Set of default packages that aren't strictly necessary for a running system.";
    };
    pathsToLink = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "/" ];
      description = "List of directories to be symlinked in {file}`/run/current-system/sw`.";
    };
    extraOutputsToInstall = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "dev" "info" ];
      description = ''
        Entries listed here will be appended to the `meta.outputsToInstall` attribute for each
        package in `environment.systemPackages`.
      '';
    };
  };
  options.system.path = lib.mkOption {
    internal = true;
    description = "The packages you want in the boot environment.";
  };

  config = {
    environment.systemPackages = required ++ cfg.defaultPackages;
    environment.pathsToLink = [ "/bin" "/etc/xdg" "/lib" "/sbin" "/share" ];
    system.path = pkgs.buildEnv {
      name = "system-path";
      paths = cfg.systemPackages;
      inherit (cfg) pathsToLink extraOutputsToInstall;
      ignoreCollisions = true;
    };
  };
}
