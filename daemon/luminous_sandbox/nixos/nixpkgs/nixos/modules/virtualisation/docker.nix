# Docker, and Podman in its place.
{ config, lib, pkgs, ... }:
let
  cfg = config.virtualisation.docker;
in
{
  options.virtualisation = {
    docker = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = ''
          This option enables docker, a daemon that manages linux containers. Users in the "docker"
          group can interact with the daemon (e.g. to start or stop containers) using the
          {command}`docker` command line tool.
        '';
      };
      enableOnBoot = lib.mkOption {
        type = lib.types.bool;
        default = true;
        description = ''
          When enabled dockerd is started on boot. This is required for containers which are created
          with the `--restart=always` flag to work. If this option is disabled, docker might be
          started on demand by socket activation.
        '';
      };
      package = lib.mkPackageOption pkgs "docker" { };
      storageDriver = lib.mkOption {
        type = lib.types.nullOr (lib.types.enum [
          "aufs"
          "btrfs"
          "devicemapper"
          "overlay"
          "overlay2"
          "zfs"
        ]);
        default = null;
        description = "This option determines which Docker storage driver to use.";
      };
      autoPrune.enable = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to periodically prune Docker resources.";
      };
    };
    podman = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = ''
          This option enables Podman, a daemonless container engine for developing, managing, and
          running OCI Containers on your Linux System.
        '';
      };
      dockerCompat = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Create an alias mapping {command}`docker` to {command}`podman`.";
      };
    };
  };
  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      environment.systemPackages = [ cfg.package ];
      users.groups.docker = { };
      systemd.sockets.docker = {
        description = "Docker Socket for the API";
        wantedBy = [ "sockets.target" ];
        listenStreams = [ "/run/docker.sock" ];
      };
      systemd.services.docker = {
        description = "Docker Application Container Engine";
        wantedBy = lib.optional cfg.enableOnBoot "multi-user.target";
        after = [ "network.target" "docker.socket" ];
        serviceConfig = { Type = "notify"; ExecStart = "${cfg.package}/bin/dockerd"; };
      };
      systemd.services.docker-prune = lib.mkIf cfg.autoPrune.enable {
        description = "Prune docker resources";
        startAt = "weekly";
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "${cfg.package}/bin/docker system prune -f";
        };
      };
    })
    (lib.mkIf config.virtualisation.podman.enable { environment.systemPackages = [ pkgs.podman ]; })
    {
      assertions = [
        {
          assertion = config.virtualisation.podman.dockerCompat -> !cfg.enable;
          message = "Option dockerCompat conflicts with docker";
        }
      ];
    }
  ];
}
