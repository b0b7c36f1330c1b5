# The process that searches, and the job that indexes: on the machine's own settings, and gone when
# nobody asks and nothing has changed.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  format = pkgs.formats.toml { };
  # What luminous-mind indexes where no setting says anything.
  own = {
    "/etc/luminous/options.json" = "options";
    "/var/cache/luminous-catalogue/packages.json" = "packages";
  };
  settings = {
    idle_seconds = cfg.mind.idleTimeout;
    sources = own // cfg.knowledge.sources;
  }
  // lib.optionalAttrs (cfg.mind.encoder != null) { encoder = "${cfg.mind.encoder}"; };
in
{
  options.services.luminous.mind = {
    enable = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Whether options, packages and manuals can be searched. A process without any right does
        that; without it everything else works as it does with it.
      '';
    };

    package = mkOption {
      type = types.package;
      default = pkgs.luminous-mind or (pkgs.callPackage ./package.nix { }).luminous-mind;
      defaultText = lib.literalExpression "pkgs.luminous-mind";
      description = "The package that holds what searches, with its units and the libraries that only it needs.";
    };

    idleTimeout = mkOption {
      type = types.ints.positive;
      default = 300;
      description = ''
        After how many seconds without a question the process ends; the next question starts it
        again.
      '';
    };

    memoryMax = mkOption {
      type = types.str;
      default = "1536M";
      example = "512M";
      description = ''
        How much memory the process may take, as {manpage}`systemd.resource-control(5)` says it.
        Searching takes up to 400 MB; indexing, when it is asked for, twice as much.
      '';
    };

    encoder = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./encoder";
      description = ''
        A directory that `python -m luminous_mind.engine.export` has made: the sentence encoder that
        finds what is meant besides what is said. Without one, searches go by words and references.
      '';
    };
  };

  options.services.luminous.knowledge.sources = mkOption {
    type = types.attrsOf (
      types.enum [
        "options"
        "option-lines"
        "home-manager-options"
        "home-manager-option-lines"
        "packages"
        "package-lines"
        "manual"
        "manual-lines"
        "man-pages"
        "notes"
        "renames"
      ]
    );
    default = { };
    example = { "/srv/handbook.jsonl" = "manual-lines"; };
    description = ''
      What can be searched besides this machine's own options and packages: by the name of a file
      or directory how it is read. It is one that everybody may read, and not in a home directory or
      below `/run`.
    '';
  };

  config = lib.mkIf cfg.enable {
    environment.etc."luminous/mind.toml" = lib.mkIf cfg.mind.enable {
      source = format.generate "mind.toml" settings;
    };
    systemd = lib.mkIf cfg.mind.enable {
      packages = [ cfg.mind.package ];
      services.luminous-mind = {
        serviceConfig.MemoryMax = cfg.mind.memoryMax;
        restartTriggers = [ config.environment.etc."luminous/mind.toml".source ];
      };
      sockets.luminous-mind.wantedBy = [ "sockets.target" ];
      timers.luminous-mind-index.wantedBy = [ "timers.target" ];
      paths.luminous-mind-index = {
        wantedBy = [ "paths.target" ];
        pathConfig = lib.mkIf (cfg.knowledge.sources != { }) {
          PathChanged = builtins.attrNames cfg.knowledge.sources;
        };
      };
    };

    users.users.luminous-mind = lib.mkIf (cfg.mind.enable || cfg.catalogue.enable) {
      isSystemUser = true;
      group = "luminous-mind";
    };
    users.groups.luminous-mind = lib.mkIf (cfg.mind.enable || cfg.catalogue.enable) { };
  };
}
