# The OpenSSH server.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.openssh;
  show =
    value:
    if builtins.isBool value then
      lib.boolToYesNo value
    else if builtins.isList value then
      lib.concatStringsSep "," value
    else
      toString value;
  line = name: value: lib.optionalString (value != null) "${name} ${show value}\n";
  moved =
    old: new:
    lib.mkRenamedOptionModule [ "services" "openssh" old ] [ "services" "openssh" "settings" new ];
in
{
  imports = [
    (lib.mkAliasOptionModule [ "services" "sshd" "enable" ] [ "services" "openssh" "enable" ])
    (moved "passwordAuthentication" "PasswordAuthentication")
    (moved "permitRootLogin" "PermitRootLogin")
  ];

  options.services.openssh = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether to enable the OpenSSH secure shell daemon, which allows secure remote logins.
      '';
    };
    package = lib.mkPackageOption pkgs "openssh" { };
    ports = mkOption {
      type = types.listOf types.port;
      default = [ 22 ];
      description = "Specifies on which ports the SSH daemon listens.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = "Whether to automatically open the specified ports in the firewall.";
    };
    startWhenNeeded = mkOption {
      type = types.bool;
      default = false;
      description = ''
        If set, {command}`sshd` is socket-activated; that is, instead of having it permanently
        running as a daemon, systemd will start an instance for each incoming connection.
      '';
    };
    banner = mkOption {
      type = types.nullOr types.lines;
      default = null;
      description = "Message to display to the remote user before authentication is allowed.";
    };
    extraConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Verbatim contents of {file}`sshd_config`.";
    };
    settings = mkOption {
      description = "Configuration for `sshd_config(5)`.";
      default = { };
      example = { UseDns = true; PasswordAuthentication = false; };
      type = types.submodule {
        freeformType = types.attrsOf (
          types.nullOr (types.oneOf [ types.bool types.str types.int (types.listOf types.str) ])
        );
        options = {
          PasswordAuthentication = mkOption {
            type = types.nullOr types.bool;
            default = true;
            description = "Specifies whether password authentication is allowed.";
          };
          KbdInteractiveAuthentication = mkOption {
            type = types.nullOr types.bool;
            default = true;
            description = "Specifies whether keyboard-interactive authentication is allowed.";
          };
          PermitRootLogin = mkOption {
            type = types.nullOr (types.enum [
              "yes"
              "without-password"
              "prohibit-password"
              "forced-commands-only"
              "no"
            ]);
            default = "prohibit-password";
            description = "Whether the root user can login using ssh.";
          };
          X11Forwarding = mkOption {
            type = types.nullOr types.bool;
            default = false;
            description = "Whether to allow X11 connections to be forwarded.";
          };
          LogLevel = mkOption {
            type = types.nullOr (types.enum [
              "QUIET"
              "FATAL"
              "ERROR"
              "INFO"
              "VERBOSE"
              "DEBUG"
              "DEBUG1"
              "DEBUG2"
              "DEBUG3"
            ]);
            default = "INFO";
            description = ''
              Gives the verbosity level that is used when logging messages from {manpage}`sshd(8)`.
            '';
          };
          UseDns = mkOption {
            type = types.nullOr types.bool;
            default = false;
            description = ''
              Specifies whether {manpage}`sshd(8)` should look up the remote host name.
            '';
          };
          AllowUsers = mkOption {
            type = types.nullOr (types.listOf types.str);
            default = null;
            description = "If specified, login is allowed only for the listed users.";
          };
        };
      };
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc."ssh/sshd_config".text =
      lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports
      + lib.concatStrings (lib.mapAttrsToList line cfg.settings)
      + lib.optionalString (cfg.banner != null) "Banner /etc/ssh/banner\n"
      + cfg.extraConfig;
    users.users.sshd = {
      isSystemUser = true;
      group = "sshd";
      description = "SSH privilege separation user";
    };
    users.groups.sshd = { };
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall cfg.ports;
    systemd.services.sshd = lib.mkIf (!cfg.startWhenNeeded) {
      description = "SSH Daemon";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      restartTriggers = [ config.environment.etc."ssh/sshd_config".source ];
      serviceConfig = {
        Type = "notify-reload";
        Restart = "always";
        ExecStart = "${cfg.package}/bin/sshd -D -f /etc/ssh/sshd_config";
        KillMode = "process";
      };
    };
    systemd.sockets.sshd = lib.mkIf cfg.startWhenNeeded {
      description = "SSH Socket";
      wantedBy = [ "sockets.target" ];
      listenStreams = map toString cfg.ports;
      socketConfig.Accept = true;
    };
    assertions = [
      {
        assertion = cfg.ports != [ ];
        message = "services.openssh.ports must name at least one port.";
      }
    ];
  };
}
