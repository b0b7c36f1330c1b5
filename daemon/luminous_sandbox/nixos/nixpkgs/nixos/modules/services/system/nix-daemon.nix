# Nix itself: its settings, and when it tidies up.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.nix;
  atom = types.nullOr (types.oneOf [
    types.bool
    types.int
    types.float
    types.str
    types.path
    types.package
  ]);
  show = value: if builtins.isBool value then lib.boolToString value else toString value;
  line = name: value: lib.optionalString (value != null) "${name} = ${show value}\n";
in
{
  options.nix = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether to enable Nix. Disabling Nix makes the system hard to modify and the Nix programs
        and configuration will not be made available by NixOS itself.
      '';
    };
    package = mkOption {
      type = types.package;
      default = pkgs.nix;
      defaultText = lib.literalExpression "pkgs.nix";
      description = "This option specifies the Nix package instance to use throughout the system.";
    };
    settings = mkOption {
      default = { };
      example = { experimental-features = [ "nix-command" "flakes" ]; sandbox = true; };
      description = ''
        Configuration for Nix, see <https://nixos.org/manual/nix/stable/command-ref/conf-file.html>
        or {manpage}`nix.conf(5)` for available options.
      '';
      type = types.submodule {
        freeformType = types.attrsOf (types.either atom (types.listOf atom) // {
          description = "Nix config value";
        });
        options = {
          max-jobs = mkOption {
            type = types.either types.int (types.enum [ "auto" ]);
            default = "auto";
            example = 64;
            description = ''
              This option defines the maximum number of jobs that Nix will try to build in parallel.
            '';
          };
          cores = mkOption {
            type = types.int;
            default = 0;
            example = 64;
            description = ''
              This option defines the maximum number of concurrent tasks during one build.
            '';
          };
          auto-optimise-store = mkOption {
            type = types.bool;
            default = false;
            example = true;
            description = ''
              If set to true, Nix automatically detects files in the store that have identical
              contents, and replaces them with hard links to a single copy.
            '';
          };
          sandbox = mkOption {
            type = types.either types.bool (types.enum [ "relaxed" ]);
            default = true;
            description = ''
              If set, Nix will perform builds in a sandboxed environment that it will set up
              automatically for each build.
            '';
          };
          trusted-users = mkOption {
            type = types.listOf types.str;
            example = [ "root" "alice" "@wheel" ];
            description = ''
              A list of names of users that have additional rights when connecting to the Nix
              daemon.
            '';
          };
          allowed-users = mkOption {
            type = types.listOf types.str;
            default = [ "*" ];
            example = [ "@wheel" "@builders" "alice" "bob" ];
            description = ''
              A list of names of users (separated by whitespace) that are allowed to connect to the
              Nix daemon.
            '';
          };
          substituters = mkOption {
            type = types.listOf types.str;
            description = ''
              List of binary cache URLs used to obtain pre-built binaries of Nix packages.
            '';
          };
        };
      };
    };
    gc = {
      automatic = mkOption {
        default = false;
        type = types.bool;
        description = "Automatically run the garbage collector at a specific time.";
      };
      dates = mkOption {
        type = types.either types.singleLineStr (types.listOf types.singleLineStr);
        default = "03:15";
        example = "weekly";
        description = "How often or when garbage collection is performed.";
      };
      options = mkOption {
        default = "";
        example = "--max-freed $((64 * 1024**3))";
        type = types.singleLineStr;
        description = ''
          Options given to
          [`nix-collect-garbage`](https://nixos.org/manual/nix/stable/command-ref/nix-collect-garbage)
          when the garbage collector is run automatically.
        '';
      };
      persistent = mkOption {
        default = true;
        type = types.bool;
        description = ''
          If true, the time when the service unit was last triggered is stored on disk.
        '';
      };
    };
    optimise.automatic = mkOption {
      default = false;
      type = types.bool;
      description = "Automatically run the nix store optimiser at a specific time.";
    };
    channel.enable = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the `nix-channel` command and state files are made available on the machine.
      '';
    };
    nixPath = mkOption {
      type = types.listOf types.str;
      default = [
        "nixpkgs=/nix/var/nix/profiles/per-user/root/channels/nixos"
        "nixos-config=/etc/nixos/configuration.nix"
        "/nix/var/nix/profiles/per-user/root/channels"
      ];
      description = ''
        The default Nix expression search path, used by the Nix evaluator to look up paths enclosed
        in angle brackets (e.g. `<nixpkgs>`).
      '';
    };
  };
  config = lib.mkIf cfg.enable {
    nix.settings = {
      trusted-users = [ "root" ];
      substituters = lib.mkOptionDefault [ ];
    };
    # Shown below /etc/static only: the machine's own Nix reads the sandbox's file.
    environment.etc."nix/nix.conf".text = lib.concatStrings (lib.mapAttrsToList line cfg.settings);
    environment.variables.NIX_PATH = cfg.nixPath;
    systemd.sockets.nix-daemon = {
      description = "Nix Daemon Socket";
      wantedBy = [ "sockets.target" ];
      listenStreams = [ "/nix/var/nix/daemon-socket/socket" ];
    };
    systemd.services.nix-daemon = {
      description = "Nix Daemon";
      restartTriggers = [ config.environment.etc."nix/nix.conf".source ];
      restartIfChanged = true;
    };
    systemd.services.nix-gc = lib.mkIf cfg.gc.automatic {
      description = "Nix Garbage Collector";
      startAt = cfg.gc.dates;
      script = "exec nix-collect-garbage ${cfg.gc.options}";
      serviceConfig.Type = "oneshot";
    };
    systemd.services.nix-optimise = lib.mkIf cfg.optimise.automatic {
      description = "Nix Store Optimiser";
      startAt = "03:45";
      script = "exec nix-store --optimise";
      serviceConfig.Type = "oneshot";
    };
  };
}
