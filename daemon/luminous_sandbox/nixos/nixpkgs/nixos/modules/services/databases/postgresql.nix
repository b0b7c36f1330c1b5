# The database PostgreSQL.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.postgresql;
in
{
  imports = [
    (lib.mkRenamedOptionModule
      [ "services" "postgresql" "port" ]
      [ "services" "postgresql" "settings" "port" ]
    )
  ];
  options.services.postgresql = {
    enable = lib.mkEnableOption "PostgreSQL Server";
    package = lib.mkPackageOption pkgs "postgresql" { };
    dataDir = mkOption {
      type = types.path;
      default = "/var/lib/postgresql/${lib.versions.major cfg.package.version}";
      defaultText = lib.literalExpression ''
        "/var/lib/postgresql/''${config.services.postgresql.package.psqlSchema}"
      '';
      example = "/var/lib/postgresql/15";
      description = "The data directory for PostgreSQL.";
    };
    enableTCPIP = mkOption {
      type = types.bool;
      default = false;
      description = "Whether PostgreSQL should listen on all network interfaces.";
    };
    ensureDatabases = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "gitea" "nextcloud" ];
      description = "Ensures that the specified databases exist.";
    };
    ensureUsers = mkOption {
      default = [ ];
      description = "Ensures that the specified users exist.";
      type = types.listOf (types.submodule {
        options = {
          name = mkOption { type = types.str; description = "Name of the user to ensure."; };
          ensureDBOwnership = mkOption {
            type = types.bool;
            default = false;
            description = "Grants the user ownership to a database with the same name.";
          };
        };
      });
    };
    settings = mkOption {
      default = { };
      description = "PostgreSQL configuration.";
      type = types.submodule {
        freeformType = types.attrsOf (types.oneOf [ types.bool types.float types.int types.str ]);
        options.port = mkOption {
          type = types.port;
          default = 5432;
          description = "The port on which PostgreSQL listens.";
        };
      };
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    users.users.postgres = {
      isSystemUser = true;
      group = "postgres";
      description = "PostgreSQL server user";
    };
    users.groups.postgres = { };
    systemd.services.postgresql = {
      description = "PostgreSQL Server";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      environment.PGDATA = cfg.dataDir;
      serviceConfig = {
        ExecStart = "${cfg.package}/bin/postgres -p ${toString cfg.settings.port}";
        User = "postgres";
        Type = "notify";
      };
    };
  };
}
