# The system bus, and polkit and sudo beside it.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    services.dbus = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether to start the D-Bus message bus daemon, which is required by many other system
          services and applications.
        '';
      };
      implementation = mkOption {
        type = types.enum [ "dbus" "broker" ];
        default = "dbus";
        description = ''
          The implementation to use for the message bus defined by the D-Bus specification.
        '';
      };
      packages = mkOption {
        type = types.listOf types.path;
        default = [ ];
        description = ''
          Packages whose D-Bus configuration files should be included in the configuration of the
          D-Bus system-wide or session-wide message bus.
        '';
      };
    };
    security.polkit = {
      enable = lib.mkEnableOption "polkit";
      extraConfig = mkOption {
        type = types.lines;
        default = "";
        description = "Any polkit rules to be added to config (in JavaScript ;-).";
      };
      adminIdentities = mkOption {
        type = types.listOf types.str;
        default = [ "unix-group:wheel" ];
        example = [ "unix-user:alice" "unix-group:admin" ];
        description = ''
          Specifies which users are considered “administrators”, for those actions that require the
          user to authenticate as an administrator (i.e. have an `auth_admin` value).
        '';
      };
    };
    security.sudo = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether to enable the {command}`sudo` command, which allows non-root users to execute
          commands as root.
        '';
      };
      wheelNeedsPassword = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether users of the `wheel` group must provide a password to run commands as super user
          via {command}`sudo`.
        '';
      };
      extraConfig = mkOption {
        type = types.lines;
        default = "";
        description = "Extra configuration text appended to {file}`sudoers`.";
      };
    };
    security.rtkit.enable = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether to enable the RealtimeKit system service, which hands out realtime scheduling
        priority to user processes on demand.
      '';
    };
  };
  config = lib.mkMerge [
    (lib.mkIf config.services.dbus.enable {
      environment.systemPackages = [ pkgs.dbus ];
      systemd.sockets.dbus = {
        description = "D-Bus System Message Bus Socket";
        wantedBy = [ "sockets.target" ];
        listenStreams = [ "/run/dbus/system_bus_socket" ];
      };
      systemd.services.dbus = {
        description = "D-Bus System Message Bus";
        wantedBy = [ "multi-user.target" ];
        reloadIfChanged = true;
        restartTriggers = config.services.dbus.packages;
        serviceConfig.Type = "notify";
      };
      system.switch.inhibitors.dbus-implementation = config.services.dbus.implementation;
    })
    (lib.mkIf config.security.polkit.enable {
      environment.etc."polkit-1/rules.d/10-nixos.rules".text = ''
        polkit.addAdminRule(function(action, subject) {
          return [${lib.concatMapStringsSep ", " builtins.toJSON config.security.polkit.adminIdentities}];
        });
        ${config.security.polkit.extraConfig}
      '';
      systemd.services.polkit = {
        description = "Authorization Manager";
        wantedBy = [ "multi-user.target" ];
        restartTriggers = [ config.environment.etc."polkit-1/rules.d/10-nixos.rules".source ];
        serviceConfig = { Type = "dbus"; BusName = "org.freedesktop.PolicyKit1"; };
      };
    })
    (lib.mkIf config.security.sudo.enable {
      environment.systemPackages = [ pkgs.sudo ];
      environment.etc.sudoers.text =
        let
          free = lib.optionalString (!config.security.sudo.wheelNeedsPassword) "NOPASSWD: ";
        in
        "%wheel ALL=(ALL:ALL) ${free}SETENV: ALL\n${config.security.sudo.extraConfig}";
    })
    (lib.mkIf config.security.rtkit.enable {
      security.polkit.enable = true;
      systemd.services.rtkit-daemon = {
        description = "RealtimeKit Scheduling Policy Service";
        wantedBy = [ "multi-user.target" ];
        serviceConfig.Type = "dbus";
      };
    })
    { security.polkit.enable = lib.mkDefault true; }
  ];
}
