# The machine's name and its firewall.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.networking.firewall;
  canonical = ports: lib.unique (builtins.sort (a: b: a < b) ports);
in
{
  options.networking = {
    hostName = mkOption {
      default = config.system.nixos.distroId or "nixos";
      defaultText = lib.literalExpression "config.system.nixos.distroId";
      type = types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$";
      description = ''
        The name of the machine. Leave it empty if you want to obtain it from a DHCP server (if
        using DHCP).
      '';
    };
    domain = mkOption {
      default = null;
      example = "home.arpa";
      type = types.nullOr types.str;
      description = "The system domain name. Used to populate the {option}`fqdn` value.";
    };
    nameservers = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "130.161.158.4" "130.161.33.17" ];
      description = ''
        The list of nameservers. It can be left empty if it is auto-detected through DHCP.
      '';
    };
    extraHosts = mkOption {
      type = types.lines;
      default = "";
      example = "192.168.0.1 lanlocalhost";
      description = "Additional verbatim entries to be appended to {file}`/etc/hosts`.";
    };
    useDHCP = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether to use DHCP to obtain an IP address and other configuration for all network
        interfaces that do not have any manually configured IPv4 addresses.
      '';
    };
    firewall = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether to enable the firewall. This is a simple stateful firewall that blocks connection
          attempts to unauthorised TCP or UDP ports on this machine.
        '';
      };
      allowPing = mkOption {
        type = types.bool;
        default = true;
        description = "Whether to respond to incoming ICMPv4 echo requests (\"pings\").";
      };
      allowedTCPPorts = mkOption {
        type = types.listOf types.port;
        default = [ ];
        apply = canonical;
        example = [ 22 80 ];
        description = "List of TCP ports on which incoming connections are accepted.";
      };
      allowedUDPPorts = mkOption {
        type = types.listOf types.port;
        default = [ ];
        apply = canonical;
        example = [ 53 ];
        description = "List of open UDP ports.";
      };
    };
  };
  config = {
    environment.etc = {
      hostname.text = "${config.networking.hostName}\n";
      hosts.text = "127.0.0.1 localhost\n127.0.0.2 ${config.networking.hostName}\n${config.networking.extraHosts}";
    };
    systemd.services.firewall = lib.mkIf cfg.enable {
      description = "Firewall";
      wantedBy = [ "multi-user.target" ];
      reloadIfChanged = true;
      restartTriggers = [ (toString cfg.allowedTCPPorts) (toString cfg.allowedUDPPorts) ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
    };
  };
}
