# The process that searches: on the machine's own settings, and gone when nobody asks.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.luminous;
  format = pkgs.formats.toml { };
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
      default = "1G";
      example = "512M";
      description = "How much memory the process may take, as {manpage}`systemd.resource-control(5)` says it.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.etc."luminous/mind.toml" = lib.mkIf cfg.mind.enable {
      source = format.generate "mind.toml" { idle_seconds = cfg.mind.idleTimeout; };
    };
    systemd.services.luminous-mind = lib.mkIf cfg.mind.enable {
      serviceConfig.MemoryMax = cfg.mind.memoryMax;
      restartTriggers = [ config.environment.etc."luminous/mind.toml".source ];
    };
    systemd.sockets.luminous-mind = {
      # Off means that there is none, for whoever wants it: the daemon's own unit does.
      inherit (cfg.mind) enable;
      wantedBy = [ "sockets.target" ];
    };

    users.users.luminous-mind = lib.mkIf (cfg.mind.enable || cfg.catalogue.enable) {
      isSystemUser = true;
      group = "luminous-mind";
    };
    users.groups.luminous-mind = lib.mkIf (cfg.mind.enable || cfg.catalogue.enable) { };
  };
}
