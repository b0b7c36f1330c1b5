# Zsh, as a shell that people may log in with.
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.zsh;
in
{
  options.programs.zsh = {
    enable = lib.mkOption {
      default = false;
      description = ''
        Whether to configure zsh as an interactive shell. To enable zsh for a particular user, use
        the {option}`users.users.<name?>.shell` option for that user.
      '';
      type = lib.types.bool;
    };
    shellAliases = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (lib.types.nullOr (lib.types.either lib.types.str lib.types.path));
      description = ''
        Set of aliases for zsh shell, which overrides {option}`environment.shellAliases`.
      '';
    };
    interactiveShellInit = lib.mkOption {
      default = "";
      type = lib.types.lines;
      description = "Shell script code called during interactive zsh shell initialisation.";
    };
    autosuggestions.enable = lib.mkEnableOption "zsh-autosuggestions";
    syntaxHighlighting.enable = lib.mkEnableOption "zsh-syntax-highlighting";
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.zsh ];
    environment.shells = [ pkgs.zsh ];
    environment.etc.zshrc.text = cfg.interactiveShellInit;
  };
}
