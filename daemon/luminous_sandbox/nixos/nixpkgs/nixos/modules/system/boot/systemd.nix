# systemd's units: described by options, written as unit files, linked where systemd looks.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.systemd;
  unit = import ./systemd/unit-options.nix { inherit lib; };
  text = import ./systemd/unit-text.nix { inherit lib; defaultPath = [ pkgs.coreutils ]; };
  kinds = {
    services = "service";
    timers = "timer";
    sockets = "socket";
    targets = "target";
    paths = "path";
    mounts = "mount";
  };

  unitsOf = option: suffix:
    lib.mapAttrs' (
      name: def:
      lib.nameValuePair "${name}.${suffix}" {
        inherit (def) wantedBy requiredBy aliases enable overrideStrategy;
        text = text.${suffix} def;
      }
    ) cfg.${option};

  unitFile = name: def:
    let
      file = "$out/${lib.escapeShellArg name}";
      called = "unit-${lib.strings.sanitizeDerivationName name}";
    in
    pkgs.runCommand called { inherit (def) text; passAsFile = [ "text" ]; } ''
      mkdir -p $out
      ${if def.enable then ''cp "$textPath" ${file}'' else "ln -s /dev/null ${file}"}
    '';

  links = name: def:
    let
      into = suffix: target: ''
        folder=$out/${lib.escapeShellArg "${target}.${suffix}"}
        mkdir -p $folder
        ln -sfn ../${lib.escapeShellArg name} $folder/${lib.escapeShellArg name}
      '';
    in
    "ln -s ${def.unit}/${lib.escapeShellArg name} $out/${lib.escapeShellArg name}\n"
    + lib.concatMapStrings (alias: "ln -sfn ${lib.escapeShellArg name} $out/${lib.escapeShellArg alias}\n") def.aliases
    + lib.concatMapStrings (into "wants") def.wantedBy
    + lib.concatMapStrings (into "requires") def.requiredBy;
in
{
  options.systemd = {
    units = mkOption {
      description = "Definition of systemd units; see {manpage}`systemd.unit(5)`.";
      default = { };
      type = types.attrsOf (
        types.submodule (
          { name, config, ... }:
          {
            options = unit.concrete // {
              unit = mkOption { internal = true; description = "The generated unit."; };
            };
            config.unit = lib.mkDefault (unitFile name config);
          }
        )
      );
    };
    services = mkOption {
      default = { };
      type = types.attrsOf (types.submodule [ { options = unit.common; } {
        options = unit.service;
      } unit.scripts ]);
      description = "Definition of systemd service units; see {manpage}`systemd.service(5)`.";
    };
    timers = mkOption {
      default = { };
      type = types.attrsOf (types.submodule { options = unit.common // unit.timer; });
      description = "Definition of systemd timer units; see {manpage}`systemd.timer(5)`.";
    };
    sockets = mkOption {
      default = { };
      type = types.attrsOf (types.submodule { options = unit.common // unit.socket; });
      description = "Definition of systemd socket units; see {manpage}`systemd.socket(5)`.";
    };
    targets = mkOption {
      default = { };
      type = types.attrsOf (types.submodule { options = unit.common; });
      description = "Definition of systemd target units; see {manpage}`systemd.target(5)`";
    };
    paths = mkOption {
      default = { };
      type = types.attrsOf (types.submodule { options = unit.common // unit.path; });
      description = "Definition of systemd path units; see {manpage}`systemd.path(5)`.";
    };
    mounts = mkOption {
      default = { };
      type = types.attrsOf (types.submodule { options = unit.common // unit.mount; });
      description = "Definition of systemd mount units; see {manpage}`systemd.mount(5)`.";
    };
    packages = mkOption {
      default = [ ];
      type = types.listOf types.package;
      example = lib.literalExpression "[ pkgs.systemd-cryptsetup-generator ]";
      description = "Packages providing systemd units and hooks.";
    };
    tmpfiles.rules = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "d /tmp 1777 root root 10d" ];
      description = ''
        Rules for creation, deletion and cleaning of volatile and temporary files automatically.
      '';
    };
  };

  config = {
    systemd.targets.multi-user = {
      description = "Multi-User System";
      unitConfig.AllowIsolate = true;
    };
    # A service with startAt has a timer of its name.
    systemd.timers = lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) (
      lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) cfg.services
    );
    systemd.targets.timers = { description = "Timer Units"; wantedBy = [ "multi-user.target" ]; };
    systemd.targets.sockets = { description = "Socket Units"; wantedBy = [ "multi-user.target" ]; };
    systemd.units = lib.mkMerge (lib.mapAttrsToList unitsOf kinds);
    environment.etc."systemd/system".source = pkgs.runCommand "system-units" { } (
      ''
        mkdir -p $out
        for package in ${toString cfg.packages}; do
          for folder in etc/systemd/system lib/systemd/system; do
            [ -d $package/$folder ] || continue
            for file in $package/$folder/*; do ln -s $file $out/''${file##*/}; done
          done
        done
        ln -s multi-user.target $out/default.target
      ''
      + lib.concatStrings (lib.mapAttrsToList links cfg.units)
    );
    environment.etc."tmpfiles.d/00-nixos.conf".text = lib.concatMapStrings (rule: "${rule}\n") cfg.tmpfiles.rules;
  };
}
