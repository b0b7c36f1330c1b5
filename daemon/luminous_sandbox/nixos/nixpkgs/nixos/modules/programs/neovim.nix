# Neovim, and whether it is the editor that others start.
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.neovim;
in
{
  options.programs.neovim = {
    enable = lib.mkEnableOption "Neovim";
    package = lib.mkPackageOption pkgs "neovim" { };
    defaultEditor = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = ''
        When enabled, installs neovim and configures neovim to be the default editor using the
        EDITOR environment variable.
      '';
    };
    viAlias = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Symlink {command}`vi` to {command}`nvim` binary.";
    };
    vimAlias = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Symlink {command}`vim` to {command}`nvim` binary.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.variables.EDITOR = lib.mkIf cfg.defaultEditor (lib.mkOverride 900 "nvim");
  };
}
