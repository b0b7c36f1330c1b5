# `services.luminous.enable = true;` and a rebuild is all that it takes.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  answers = {
    none = "YES";
    self = "AUTH_SELF_KEEP";
    administrator = "AUTH_ADMIN_KEEP";
  };
in
{
  imports = [ ./catalogue.nix ./mind.nix ./settings.nix ];

  options.services.luminous = {
    enable = lib.mkEnableOption "Luminous, which changes this machine in plain words, with a way back";

    package = mkOption {
      type = types.package;
      default = pkgs.luminous or (pkgs.callPackage ./package.nix { }).luminous;
      defaultText = lib.literalExpression "pkgs.luminous";
      description = "The package that holds the daemon, `ask-nix` and the files that both need.";
    };

    users = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "alice" ];
      description = ''
        People who may change the machine as {option}`services.luminous.authentication` says.
        Everybody else needs an administrator's password to change anything.
      '';
    };

    asking = mkOption {
      type = types.enum [ "everybody" "group" ];
      default = "everybody";
      description = ''
        Who may ask and plan, which changes nothing: everybody on the machine, or only members of
        the group and of `wheel`, and root.
      '';
    };

    group = mkOption {
      type = types.str;
      default = "luminous";
      description = "The group that these people are members of.";
    };

    authentication = mkOption {
      type = types.enum (builtins.attrNames answers);
      default = "self";
      description = ''
        What members of the group are asked for, unless a plan is of a high risk, deletes
        generations or is about somebody else's change: nothing (`none`), their own password
        (`self`), or an administrator's (`administrator`). It is kept for some minutes.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = map (name: {
      assertion = config.users.users ? ${name};
      message = "services.luminous.users names ${name}, whom users.users does not know.";
    }) cfg.users;

    environment.systemPackages = [ cfg.package ];

    services.dbus.packages = [ cfg.package ];
    systemd.packages = [ cfg.package ];
    systemd.services.luminousd = {
      wantedBy = [ "multi-user.target" ];
      # It is the one who switches: it starts itself anew when that is over, or somebody else's is.
      restartIfChanged = false;
      path = [ config.nix.package pkgs.bash pkgs.curl pkgs.git pkgs.util-linux ];
    };

    security.polkit.enable = true;
    security.polkit.extraConfig = ''
      ${lib.optionalString (cfg.asking == "group") ''
        polkit.addRule(function (action, subject) {
            if ((action.id === "org.luminous1.read" || action.id === "org.luminous1.plan") &&
                !subject.isInGroup("${cfg.group}") && !subject.isInGroup("wheel")) {
                return polkit.Result.NO;
            }
            return polkit.Result.NOT_HANDLED;
        });
      ''}
      polkit.addRule(function (action, subject) {
          var theirs = [ "change-packages", "change-options", "change-several", "update", "rebuild", "rollback" ];
          if (action.id.indexOf("org.luminous1.") === 0 &&
              theirs.indexOf(action.id.slice("org.luminous1.".length)) >= 0 &&
              subject.isInGroup("${cfg.group}")) {
              return polkit.Result.${answers.${cfg.authentication}};
          }
          return polkit.Result.NOT_HANDLED;
      });
    '';
    users.groups.${cfg.group}.members = cfg.users;
  };
}
