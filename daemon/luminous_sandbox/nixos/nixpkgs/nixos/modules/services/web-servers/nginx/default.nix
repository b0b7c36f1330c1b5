# The web server nginx.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.nginx;
  location = host: path: l: ''
    location ${path} {
      ${lib.optionalString (l.proxyPass != null) "proxy_pass ${l.proxyPass};"}
      ${lib.optionalString (l.root != null) "root ${l.root};"}
      ${lib.optionalString (l.return != null) "return ${toString l.return};"}
      ${l.extraConfig}
    }
  '';
  server = name: host: ''
    server {
      server_name ${if host.serverName == null then name else host.serverName} ${toString host.serverAliases};
      ${lib.optionalString host.forceSSL "listen 443 ssl;"}
      ${lib.optionalString (host.root != null) "root ${host.root};"}
      ${lib.concatStrings (lib.mapAttrsToList (location host) host.locations)}
    }
  '';
  hostOptions = {
    options = {
      serverName = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "example.org";
        description = "Name of this virtual host. Defaults to attribute name in virtualHosts.";
      };
      serverAliases = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "www.example.org" "example.org" ];
        description = ''
          Additional names of virtual hosts served by this virtual host configuration.
        '';
      };
      root = mkOption {
        type = types.nullOr types.path;
        default = null;
        example = "/data/webserver/docs";
        description = "The path of the web root directory.";
      };
      default = mkOption {
        type = types.bool;
        default = false;
        description = "Makes this vhost the default.";
      };
      addSSL = mkOption {
        type = types.bool;
        default = false;
        description = "Whether to enable HTTPS in addition to plain HTTP.";
      };
      forceSSL = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to add a separate nginx server block that redirects (defaults to 301, configurable
          with `redirectCode`) all plain HTTP traffic to HTTPS.
        '';
      };
      enableACME = mkOption {
        type = types.bool;
        default = false;
        description = "Whether to ask Let's Encrypt to sign a certificate for this vhost.";
      };
      locations = mkOption {
        default = { };
        example = { "/" = { proxyPass = "http://localhost:3000"; }; };
        description = "Declarative location config";
        type = types.attrsOf (types.submodule {
          options = {
            proxyPass = mkOption {
              type = types.nullOr types.str;
              default = null;
              example = "http://www.example.org/";
              description = ''
                Adds proxy_pass directive and sets recommended proxy headers if
                recommendedProxySettings is enabled.
              '';
            };
            root = mkOption {
              type = types.nullOr types.path;
              default = null;
              description = "Root directory for requests.";
            };
            return = mkOption {
              type = types.nullOr (types.oneOf [ types.str types.int ]);
              default = null;
              example = "301 http://example.com$request_uri";
              description = "Adds a return directive, for e.g. redirections.";
            };
            extraConfig = mkOption {
              type = types.lines;
              default = "";
              description = "These lines go to the end of the location verbatim.";
            };
          };
        });
      };
    };
  };
  recommended = what: mkOption {
    type = types.bool;
    default = false;
    description = "Enable recommended ${what} settings.";
  };
in
{
  options.services.nginx = {
    enable = lib.mkEnableOption "Nginx Web Server";
    package = lib.mkPackageOption pkgs "nginx" { };
    recommendedGzipSettings = recommended "gzip";
    recommendedOptimisation = recommended "optimisation";
    recommendedProxySettings = recommended "proxy";
    recommendedTlsSettings = recommended "TLS";
    defaultHTTPListenPort = mkOption {
      type = types.port;
      default = 80;
      example = 8080;
      description = "If vhosts do not specify listen.port, use these ports for HTTP by default.";
    };
    clientMaxBodySize = mkOption {
      type = types.str;
      default = "10m";
      description = "Set nginx global client_max_body_size.";
    };
    user = mkOption {
      type = types.str;
      default = "nginx";
      description = "User account under which nginx runs.";
    };
    appendConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Configuration lines appended to the generated Nginx configuration file.";
    };
    virtualHosts = mkOption {
      type = types.attrsOf (types.submodule hostOptions);
      default = { };
      example = {
        "hydra.example.com" = {
          forceSSL = true;
          enableACME = true;
          locations."/".proxyPass = "http://localhost:3000";
        };
      };
      description = "Declarative vhost config";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.etc."nginx/nginx.conf".text = ''
      user ${cfg.user};
      http {
        client_max_body_size ${cfg.clientMaxBodySize};
        ${lib.optionalString cfg.recommendedGzipSettings "gzip on;"}
        ${lib.concatStrings (lib.mapAttrsToList server cfg.virtualHosts)}
      }
      ${cfg.appendConfig}
    '';
    users.users.nginx = { isSystemUser = true; group = "nginx"; };
    users.groups.nginx = { };
    systemd.services.nginx = {
      description = "Nginx Web Server";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      restartTriggers = [ config.environment.etc."nginx/nginx.conf".source ];
      serviceConfig = {
        ExecStart = "${cfg.package}/bin/nginx -c /etc/nginx/nginx.conf";
        Restart = "always";
        User = cfg.user;
      };
    };
    assertions = lib.mapAttrsToList (name: host: {
      assertion = !(host.addSSL && host.forceSSL);
      message = ''
        Options services.nginx.service.virtualHosts.<name>.addSSL,
        services.nginx.virtualHosts.<name>.onlySSL and services.nginx.virtualHosts.<name>.forceSSL
        are mutually exclusive.
      '';
    }) cfg.virtualHosts;
  };
}
