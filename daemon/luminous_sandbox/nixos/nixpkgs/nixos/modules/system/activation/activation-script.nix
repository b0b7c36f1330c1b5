# What making a system the running one does, step by step.
{ config, lib, pkgs, ... }:
let
  snippet = lib.types.submodule {
    options = {
      deps = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = "List of dependencies. The script will run after these.";
      };
      text = lib.mkOption { type = lib.types.lines; description = "The content of the script."; };
      supportsDryActivation = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether this activation script supports being dry-activated.";
      };
    };
  };
  scripts = config.system.activationScripts;
  # Each script after those it depends on.
  order = done: name:
    let
      needed = builtins.filter (dep: scripts ? ${dep}) scripts.${name}.deps;
    in
    if builtins.elem name done then done else builtins.foldl' order done needed ++ [ name ];
  ordered = lib.unique (builtins.foldl' order [ ] (builtins.attrNames scripts));
in
{
  options.system = {
    build = lib.mkOption {
      default = { };
      type = lib.types.lazyAttrsOf lib.types.unspecified;
      description = "Attribute set of derivations used to set up the system.";
    };
    activationScripts = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (lib.types.coercedTo lib.types.str (text: {
        inherit text;
      }) snippet);
      example = lib.literalExpression ''{ stdio.text = "ln -sfn /proc/self/fd /dev/fd"; }'';
      description = ''
        A set of shell script fragments that are executed when a NixOS system configuration is
        activated.
      '';
    };
  };
  config.system.activationScripts = {
    # /etc/static is where the system's own files are; nothing else of /etc is touched.
    etc.text = ''
      echo "setting up /etc..."
      ln -sfn "$systemConfig/etc" /etc/.static.new
      mv -T /etc/.static.new /etc/static
    '';
    var.text = "mkdir -p /var/lib /var/log /run/nixos";
  };
  config.system.build.activate = pkgs.writeScript "activate" ''
    #!${pkgs.stdenv.seed}/bin/sh
    # Makes this system the running one. Called by switch-to-configuration and at boot.
    systemConfig=@out@
    status=0
    ${lib.concatMapStrings (name: ''
      (
      #### Activation script snippet ${name}:
      ${scripts.${name}.text}
      ) || { echo "Activation script snippet '${name}' failed ($?)" >&2; status=1; }
    '') ordered}
    ln -sfn "$systemConfig" /run/.current-system.new
    mv -T /run/.current-system.new /run/current-system
    exit $status
  '';
}
