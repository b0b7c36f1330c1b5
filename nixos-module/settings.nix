# What the daemon reads, each setting typed: RFC 42 (https://github.com/NixOS/rfcs/pull/42).
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  format = pkgs.formats.toml { };
  absolute = types.strMatching "/.*";

  # "/etc/nixos#laptop" is a flake; "/etc/nixos/configuration.nix" has channels.
  folderOf = reference: builtins.head (lib.splitString "#" reference);
  folder = folderOf cfg.configuration;
  isFlake = !(lib.hasSuffix ".nix" folder);
  named = lib.hasInfix "#" cfg.configuration;

  kinds = [ "command" "unit" "tcp" "url" ];
  asked = probe: builtins.filter (kind: probe.${kind} != null) kinds;
  checked = name: probe: [
    {
      assertion = builtins.length (asked probe) == 1;
      message = "services.luminous.health.probes.${name} needs one of command, unit, tcp and url, and no second one.";
    }
    {
      assertion = probe.user == null || probe.command != null;
      message = "services.luminous.health.probes.${name}.user says who runs a command, and there is none.";
    }
  ];
  probe.options = {
    command = mkOption {
      type = types.nullOr (types.nonEmptyListOf types.str);
      default = null;
      example = lib.literalExpression ''[ "''${pkgs.postgresql}/bin/pg_isready" ]'';
      description = "A program with its whole path, and its arguments. It ends with 0; no shell reads it.";
    };
    user = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "postgres";
      description = "Who runs the command; `nobody` unless set.";
    };
    unit = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "nginx.service";
      description = "A unit of systemd that is active.";
    };
    tcp = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "localhost:22";
      description = "A host and a port that take connections.";
    };
    url = mkOption {
      type = types.nullOr (types.strMatching "https?://.*");
      default = null;
      example = "http://localhost/health";
      description = "An address that is answered with less than 400, as curl gets it.";
    };
    seconds = mkOption {
      type = types.ints.between 1 300;
      default = 10;
      description = "How long it may take to be well after a switch, in seconds.";
    };
  };
in
{
  options.services.luminous = {
    configuration = mkOption {
      type = types.strMatching "/[^#]*(#[^#]+)?";
      default = "/etc/nixos/configuration.nix";
      example = "/etc/nixos#laptop";
      description = ''
        The configuration of this machine: a file that finds nixpkgs in the channels, or the
        directory of a flake, with the name of the system in it (the name of the host, unless it is
        given). {file}`luminous.nix`, Luminous's own file, lies in the same directory.
      '';
    };

    health.probes = mkOption {
      type = types.attrsOf (types.submodule probe);
      default = { };
      example = lib.literalExpression ''
        {
          website.url = "http://localhost/";
          database = { unit = "postgresql.service"; seconds = 60; };
        }
      '';
      description = ''
        What has to be well after a change, besides the units of systemd: each is one `command`,
        `unit`, `tcp` or `url`. What was well before and is not afterwards takes the change back.
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
          flake = mkOption {
            type = types.strMatching "(/[^#]*(#[^#]+)?)?";
            default = "";
            description = "The flake of this machine; nothing means a configuration with channels.";
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
          commit = mkOption {
            type = types.bool;
            default = false;
            description = "Whether Luminous commits its own files to the git repository of the flake after a change, with the words as message and nothing else with it.";
          };
          mind_socket = mkOption {
            type = absolute;
            default = "/run/luminous-mind.sock";
            description = "Where the daemon asks what searches, which is where systemd listens for it.";
          };
          plan_seconds = mkOption {
            type = types.ints.positive;
            default = 900;
            description = "How long a plan can be applied after it was made, in seconds.";
          };
          evaluation_seconds = mkOption {
            type = types.ints.positive;
            default = 900;
            description = ''
              How long Nix may take to evaluate the configuration, with what it fetches for that, in
              seconds.
            '';
          };
          network_seconds = mkOption {
            type = types.ints.between 0 300;
            default = 15;
            description = ''
              How long a default route and the lookup of a name, if they were there before a change,
              may take to be back after it, in seconds; 0 does not look at them.
            '';
          };
          lookup = mkOption {
            type = types.str;
            default = "cache.nixos.org";
            description = ''
              The host whose name is looked up before and after a change; nothing looks up none.
            '';
          };
          probes = mkOption {
            type = types.attrsOf format.type;
            default = { };
            description = "What {option}`services.luminous.health.probes` comes to.";
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
    services.luminous.settings = {
      configuration = lib.mkIf (!isFlake) (lib.mkDefault folder);
      flake = lib.mkIf isFlake (
        lib.mkDefault (cfg.configuration + lib.optionalString (!named) "#${config.networking.hostName}")
      );
      file = lib.mkDefault "${if isFlake then folder else builtins.dirOf folder}/luminous.nix";
      probes = lib.mkIf (cfg.health.probes != { }) (
        lib.mapAttrs (_: lib.filterAttrs (_: value: value != null)) cfg.health.probes
      );
    };
    systemd.services.luminousd.reloadTriggers = [ config.environment.etc."luminous/luminous.toml".source ];
    # Where luminous.nix lies, the configuration that imports it, and the lock file.
    systemd.services.luminousd.serviceConfig.ReadWritePaths = map (path: "-${path}") (
      lib.unique (
        [ (builtins.dirOf cfg.settings.file) (builtins.dirOf cfg.settings.configuration) ]
        ++ lib.optional (cfg.settings.flake != "") (folderOf cfg.settings.flake)
      )
    );
    environment.etc."luminous/luminous.toml".source = format.generate "luminous.toml" cfg.settings;
    assertions = [
      {
        assertion = cfg.settings.flake == "" || lib.hasPrefix "${folderOf cfg.settings.flake}/" cfg.settings.file;
        message = "services.luminous.settings.file has to lie in the flake that services.luminous.configuration names.";
      }
    ]
    ++ lib.concatLists (lib.mapAttrsToList checked cfg.health.probes);
  };
}
