# The options of units, by kind.
{ lib }:
let
  inherit (lib) mkOption types;
  atom = types.nullOr (types.oneOf [
    types.bool
    types.int
    types.float
    types.str
    types.path
    types.package
  ]);
  setting = types.either atom (types.listOf atom) // { description = "systemd option"; };
  names = description: mkOption {
    default = [ ];
    type = types.listOf types.str;
    inherit description;
  };
  section = description: example: mkOption {
    default = { };
    type = types.attrsOf setting;
    inherit description example;
  };
in
rec {
  concrete = {
    enable = mkOption {
      default = true;
      type = types.bool;
      description = "If set to false, this unit will be a symlink to /dev/null.";
    };
    text = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Text of this systemd unit.";
    };
    wantedBy = names "Units that want (i.e. depend on) this unit.";
    requiredBy = names
      "Units that require (i.e. depend on and need to go down with) this unit.";
    aliases = names "Aliases of that unit.";
    overrideStrategy = mkOption {
      default = "asDropinIfExists";
      type = types.enum [ "asDropinIfExists" "asDropin" ];
      description = "Defines how unit configuration is provided for systemd.";
    };
  };

  common = removeAttrs concrete [ "text" ] // {
    description = mkOption {
      default = "";
      type = types.singleLineStr;
      description = "Description of this unit used in systemd messages and progress indicators.";
    };
    documentation = names
      "A list of URIs referencing documentation for this unit or its configuration.";
    requires = names
      "Start the specified units when this unit is started, and stop this unit when the specified units are stopped or fail.";
    wants = names "Start the specified units when this unit is started.";
    after = names
      "If the specified units are started at the same time as this unit, delay this unit until they have started.";
    before = names
      "If the specified units are started at the same time as this unit, delay them until this unit has started.";
    bindsTo = names
      "Like ‘requires’, but in addition, if the specified units unexpectedly disappear, this unit will be stopped as well.";
    partOf = names
      "If the specified units are stopped or restarted, then this unit is stopped or restarted as well.";
    conflicts = names
      "If the specified units are started, then this unit is stopped and vice versa.";
    unitConfig = section
      "Each attribute in this set specifies an option in the `[Unit]` section of the unit." {
      RequiresMountsFor = "/data";
    };
    restartTriggers = mkOption {
      default = [ ];
      type = types.listOf types.unspecified;
      description = ''
        An arbitrary list of items such as derivations. If any item in the list changes between
        reconfigurations, the service will be restarted.
      '';
    };
    reloadTriggers = mkOption {
      default = [ ];
      type = types.listOf types.unspecified;
      description = ''
        An arbitrary list of items such as derivations. If any item in the list changes between
        reconfigurations, the service will be reloaded.
      '';
    };
  };

  service = {
    environment = mkOption {
      default = { };
      type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ]));
      example = { PATH = "/foo/bar/bin"; LANG = "nl_NL.UTF-8"; };
      description = "Environment variables passed to the service's processes.";
    };
    path = mkOption {
      default = [ ];
      type = types.listOf (types.oneOf [ types.package types.str ]);
      description = "Packages added to the service's {env}`PATH` environment variable.";
    };
    serviceConfig = section
      "Each attribute in this set specifies an option in the `[Service]` section of the unit." {
      RestartSec = 5;
    };
    script = mkOption {
      type = types.lines;
      default = "";
      description = "Shell commands executed as the service's main process.";
    };
    preStart = mkOption {
      type = types.lines;
      default = "";
      description = "Shell commands executed before the service's main process is started.";
    };
    startAt = mkOption {
      type = types.coercedTo types.str lib.singleton (types.listOf types.str);
      default = [ ];
      example = "Sun 14:00:00";
      description = ''
        Automatically start this unit at the given date/time, which must be in the format described
        in {manpage}`systemd.time(7)`.
      '';
    };
    restartIfChanged = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the service should be restarted during a NixOS configuration switch if its
        definition has changed.
      '';
    };
    reloadIfChanged = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether the service should be reloaded during a NixOS configuration switch if its definition
        has changed.
      '';
    };
    stopIfChanged = mkOption {
      type = types.bool;
      default = true;
      description = ''
        If set, a changed unit is restarted by calling `systemctl stop` in the old configuration,
        then `systemctl start` in the new one.
      '';
    };
  };
  # Scripts become commands.
  scripts = { config, ... }: {
    config.serviceConfig = lib.mkMerge [
      (lib.mkIf (config.script != "") {
        ExecStart = "/bin/sh -c ${builtins.toJSON config.script}";
      })
      (lib.mkIf (config.preStart != "") {
        ExecStartPre = [ "/bin/sh -c ${builtins.toJSON config.preStart}" ];
      })
    ];
  };

  timer.timerConfig = section "Each attribute in this set specifies an option in the `[Timer]` section of the unit." {
    OnCalendar = "Sun 14:00:00";
    Unit = "foo.service";
  };
  socket = {
    listenStreams = names
      "For each item in this list, a `ListenStream` option in the `[Socket]` section will be created.";
    socketConfig = section
      "Each attribute in this set specifies an option in the `[Socket]` section of the unit." {
      ListenStream = "/run/my-socket";
    };
  };
  path.pathConfig = section "Each attribute in this set specifies an option in the `[Path]` section of the unit." {
    PathChanged = "/some/path";
    Unit = "changedpath.service";
  };
  mount = {
    what = mkOption {
      type = types.str;
      example = "/dev/sda1";
      description = "Absolute path of device node, file or other resource. (Mandatory)";
    };
    where = mkOption {
      type = types.str;
      example = "/mnt";
      description = ''
        Absolute path of a directory of the mount point. Will be created if it doesn't exist.
        (Mandatory)
      '';
    };
    type = mkOption {
      default = "";
      type = types.str;
      example = "ext4";
      description = "File system type.";
    };
  };
}
