# Git, with settings for everybody.
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.git;
in
{
  options.programs.git = {
    enable = lib.mkEnableOption "git, a distributed version control system";
    package = lib.mkPackageOption pkgs "git" { example = "gitFull"; };
    config = lib.mkOption {
      type = lib.types.attrsOf (lib.types.attrsOf lib.types.anything);
      default = { };
      example = {
        init.defaultBranch = "main";
        url."https://github.com/".insteadOf = [ "gh:" "github:" ];
      };
      description = ''
        Configuration to write to /etc/gitconfig. A list can also be specified to keep the
        configuration in order.
      '';
    };
    lfs.enable = lib.mkEnableOption "git-lfs (Large File Storage)";
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc.gitconfig = lib.mkIf (cfg.config != { }) {
      text = lib.generators.toINI { } cfg.config;
    };
  };
}
