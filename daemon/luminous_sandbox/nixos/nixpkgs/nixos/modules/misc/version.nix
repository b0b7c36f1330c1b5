# Which release this is, and which one the system's data come from.
{ config, lib, pkgs, ... }:
let
  cfg = config.system.nixos;
  facts = builtins.toJSON (
    { nixosVersion = cfg.version; nixpkgsRevision = cfg.revision; }
    // lib.optionalAttrs (config.system.configurationRevision != null) {
      inherit (config.system) configurationRevision;
    }
  );
  nixos-version = pkgs.writeShellScriptBin "nixos-version" ''
    case "''${1-}" in
    --json) echo ${lib.escapeShellArg facts} ;;
    --hash | --revision) echo ${toString cfg.revision} ;;
    --configuration-revision) echo ${toString config.system.configurationRevision} ;;
    *) echo "${cfg.version} (${cfg.codeName})" ;;
    esac
  '';
in
{
  options.system = {
    nixos = {
      version = lib.mkOption {
        type = lib.types.str;
        internal = true;
        description = "The full NixOS version (e.g. `16.03.1160.f2d4ee1`).";
      };
      release = lib.mkOption {
        type = lib.types.str;
        readOnly = true;
        default = lib.trivial.release;
        description = "The NixOS release (e.g. `16.03`).";
      };
      versionSuffix = lib.mkOption {
        type = lib.types.str;
        internal = true;
        default = lib.trivial.versionSuffix;
        description = "The NixOS version suffix (e.g. `1160.f2d4ee1`).";
      };
      revision = lib.mkOption {
        type = lib.types.nullOr lib.types.str;
        internal = true;
        default = lib.trivial.revisionWithDefault null;
        description = "The Git revision from which this NixOS configuration was built.";
      };
      codeName = lib.mkOption {
        type = lib.types.str;
        readOnly = true;
        default = lib.trivial.codeName;
        description = "The NixOS release code name (e.g. `Emu`).";
      };
      label = lib.mkOption {
        type = lib.types.strMatching "[a-zA-Z0-9:_\\.-]*";
        default = lib.concatStringsSep "-" (builtins.sort (a: b: a < b) cfg.tags ++ [ cfg.version ]);
        defaultText = lib.literalMD "version and tags";
        description = ''
          NixOS version name to be used in the names of generated outputs and boot labels.
        '';
      };
      tags = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        example = [ "with-xen" ];
        description = "Strings to prefix to the default {option}`system.nixos.label`.";
      };
    };
    stateVersion = lib.mkOption {
      type = lib.types.str;
      default = cfg.release;
      defaultText = lib.literalExpression "config.system.nixos.release";
      description = ''
        This option defines the first version of NixOS you have installed on this particular machine,
        and is used to maintain compatibility with application data (e.g. databases) created on older
        NixOS versions. Most users should never change this value after the initial install.
      '';
    };
    configurationRevision = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''
        The Git revision of the top-level flake from which this configuration was built.
      '';
    };
  };

  config = {
    environment.systemPackages = [ nixos-version ];
    system.nixos.version = lib.mkDefault (cfg.release + cfg.versionSuffix);
    environment.etc.os-release.text = ''
      ID=nixos
      NAME=NixOS
      PRETTY_NAME="NixOS ${cfg.release} (${cfg.codeName})"
      VERSION="${cfg.release} (${cfg.codeName})"
      VERSION_CODENAME=${lib.toLower cfg.codeName}
      VERSION_ID="${cfg.release}"
      BUILD_ID="${cfg.version}"
    '';
    assertions = [
      {
        assertion = builtins.match "[0-9]{2}\\.[0-9]{2}" config.system.stateVersion != null;
        message = ''
          ${config.system.stateVersion} is an invalid value for 'system.stateVersion'; it must be in the format "YY.MM",
          which corresponds to a prior release of NixOS.
        '';
      }
    ];
  };
}
