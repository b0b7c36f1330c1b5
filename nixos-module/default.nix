# `services.luminous.enable = true;` and a rebuild is all that it takes.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  format = pkgs.formats.toml { };
  absolute = types.strMatching "/.*";
  answers = {
    none = "YES";
    self = "AUTH_SELF_KEEP";
    administrator = "AUTH_ADMIN_KEEP";
  };
in
{
  options.services.luminous = {
    enable = lib.mkEnableOption "Luminous, which changes this machine in plain words, with a way back";

    package = mkOption {
      type = types.package;
      default = pkgs.luminous or (pkgs.callPackage ./package.nix { });
      defaultText = lib.literalExpression "pkgs.luminous";
      description = "The package that holds the daemon, `ask-nix` and the files that both need.";
    };

    users = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "alice" ];
      description = ''
        People who may change the machine as {option}`services.luminous.authentication` says.
        Everybody may ask and plan; everybody else needs an administrator's password to change
        anything.
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

    settings = mkOption {
      default = { };
      description = "What stands in {file}`/etc/luminous/luminous.toml`; see {manpage}`luminousd(8)`.";
      type = types.submodule {
        freeformType = format.type;
        options = {
          configuration = mkOption {
            type = absolute;
            default = "/etc/nixos/configuration.nix";
            description = "The configuration of this machine. It is evaluated as its owner.";
          };
          file = mkOption {
            type = absolute;
            default = "/etc/nixos/luminous.nix";
            description = "The one file that Luminous writes. The configuration imports it.";
          };
          nixpkgs = mkOption {
            type = types.str;
            default = "/nix/var/nix/profiles/per-user/root/channels/nixos";
            description = "Where the configuration finds `<nixpkgs>`.";
          };
          channels = mkOption {
            type = absolute;
            default = "/root/.nix-channels";
            description = "The list of channels that an update fetches.";
          };
          channel_profile = mkOption {
            type = absolute;
            default = "/nix/var/nix/profiles/per-user/root/channels";
            description = "The profile that holds the channels.";
          };
          profile = mkOption {
            type = absolute;
            default = "/nix/var/nix/profiles/system";
            description = "The profile whose generations boot.";
          };
          state_directory = mkOption {
            type = absolute;
            default = "/var/lib/luminous";
            description = "Where the journal of changes is.";
          };
          runtime_directory = mkOption {
            type = absolute;
            default = "/run/luminous";
            description = "Where files are that nobody needs after a reboot.";
          };
          builder = mkOption {
            type = types.str;
            default = "";
            description = "Who evaluates and builds; nothing means the owner of the configuration.";
          };
          backend = mkOption {
            type = types.enum [ "native" "nixos-rebuild" ];
            default = "native";
            description = "Who activates a system that is built.";
          };
          plan_seconds = mkOption {
            type = types.ints.positive;
            default = 900;
            description = "How long a plan can be applied after it was made, in seconds.";
          };
          log_level = mkOption {
            type = types.enum [ "debug" "info" "warning" "error" ];
            default = "info";
            description = "What the daemon writes to the journal of the system.";
          };
        };
      };
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = map (name: {
      assertion = config.users.users ? ${name};
      message = "services.luminous.users names ${name}, whom users.users does not know.";
    }) cfg.users;

    environment.systemPackages = [ cfg.package ];
    environment.etc."luminous/luminous.toml".source = format.generate "luminous.toml" cfg.settings;

    services.dbus.packages = [ cfg.package ];
    systemd.packages = [ cfg.package ];
    systemd.services.luminousd = {
      wantedBy = [ "multi-user.target" ];
      # It is the one who switches: it starts itself anew when that is over.
      restartIfChanged = false;
      path = [ config.nix.package pkgs.bash pkgs.git pkgs.util-linux ];
      serviceConfig.ReadWritePaths = [ "-${builtins.dirOf cfg.settings.file}" ];
    };

    security.polkit.enable = true;
    security.polkit.extraConfig = ''
      polkit.addRule(function (action, subject) {
          var theirs = [ "change-packages", "change-options", "change-several", "update", "rebuild", "rollback" ];
          if (action.id.indexOf("org.luminous1.") === 0 &&
              theirs.indexOf(action.id.slice("org.luminous1.".length)) >= 0 &&
              action.lookup("risk") !== "high" &&
              subject.isInGroup("${cfg.group}")) {
              return polkit.Result.${answers.${cfg.authentication}};
          }
          return polkit.Result.NOT_HANDLED;
      });
    '';
    users.groups.${cfg.group}.members = cfg.users;
  };
}
