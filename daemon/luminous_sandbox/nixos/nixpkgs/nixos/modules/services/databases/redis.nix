# Redis servers, each with a name.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.redis;
  enabled = lib.filterAttrs (_: server: server.enable) cfg.servers;
  unit = name: "redis${lib.optionalString (name != "") "-${name}"}";
in
{
  options.services.redis = {
    package = lib.mkPackageOption pkgs "redis" { };
    servers = lib.mkOption {
      default = { };
      description = "Configuration of multiple `redis-server` instances.";
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }:
          {
            options = {
              enable = lib.mkEnableOption "Redis server";
              port = lib.mkOption {
                type = lib.types.port;
                default = if name == "" then 6379 else 0;
                defaultText = lib.literalExpression ''if name == "" then 6379 else 0'';
                description = ''
                  The TCP port to accept connections. If port 0 is specified Redis will not listen
                  on a TCP socket.
                '';
              };
              openFirewall = lib.mkOption {
                type = lib.types.bool;
                default = false;
                description = "Whether to open ports in the firewall for the server.";
              };
            };
          }
        )
      );
    };
  };
  config = {
    networking.firewall.allowedTCPPorts = lib.concatLists (
      lib.mapAttrsToList (_: server: lib.optional server.openFirewall server.port) enabled
    );
    systemd.services = lib.mapAttrs' (
      name: server:
      lib.nameValuePair (unit name) {
        description = "Redis Server - ${unit name}";
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        serviceConfig.ExecStart = "${cfg.package}/bin/redis-server --port ${toString server.port}";
      }
    ) enabled;
  };
}
