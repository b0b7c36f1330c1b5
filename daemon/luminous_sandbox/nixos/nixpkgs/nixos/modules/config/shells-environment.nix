# What every login shell starts with.
{ config, lib, ... }:
let
  cfg = config.environment;
  place = shell: if lib.isDerivation shell then "/run/current-system/sw${shell.shellPath}" else shell;
  variable = lib.types.oneOf [
    (lib.types.listOf (lib.types.oneOf [ lib.types.int lib.types.str lib.types.path ]))
    lib.types.int
    lib.types.str
    lib.types.path
  ];
  join =
    value: if builtins.isList value then lib.concatMapStringsSep ":" toString value else toString value;
  option = description: example: lib.mkOption {
    default = { };
    inherit description example;
    type = lib.types.attrsOf (lib.types.nullOr variable);
    apply = builtins.mapAttrs (_: value: if value == null then null else join value);
  };
in
{
  options.environment = {
    variables = option ''
      A set of environment variables used in the global environment.
      These variables will be set on shell initialisation (e.g. in /etc/profile).
    '' {
      EDITOR = "nvim";
      VISUAL = "nvim";
    };
    sessionVariables = option ''
      A set of environment variables used in the global environment.
      These variables will be set by PAM early in the login process.
    '' { };
    shellAliases = lib.mkOption {
      type = lib.types.attrsOf (lib.types.nullOr (lib.types.either lib.types.str lib.types.path));
      default = { };
      example = { l = null; ll = "ls -l"; };
      description = ''
        An attribute set that maps aliases (the top level attribute names in this option) to command
        strings or directly to build outputs.
      '';
    };
    shells = lib.mkOption {
      type = lib.types.listOf (lib.types.either lib.types.shellPackage lib.types.path);
      default = [ ];
      example = lib.literalExpression "[ pkgs.bashInteractive pkgs.zsh ]";
      description = "A list of permissible login shells for user accounts.";
    };
  };
  config = {
    environment.variables = cfg.sessionVariables;
    environment.etc = {
      "set-environment".text = lib.concatStrings (
        lib.mapAttrsToList (name: value: "export ${name}=${lib.escapeShellArg value}\n") (
          lib.filterAttrs (_: value: value != null) cfg.variables
        )
      );
      shells.text = lib.concatMapStrings (shell: "${place shell}\n") cfg.shells;
    };
  };
}
