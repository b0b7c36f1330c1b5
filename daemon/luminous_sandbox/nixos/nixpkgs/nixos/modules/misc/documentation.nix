# The options as NixOS's own manual has them, in a file.
{ config, lib, options, pkgs, ... }:
let
  shown = builtins.filter (option: option.visible && !option.internal) (lib.optionAttrSetToDocList options);
  entry = option: {
    inherit (option) name;
    value = removeAttrs option [ "name" "visible" "internal" ];
  };
  json = builtins.toJSON (builtins.listToAttrs (map entry shown));
in
{
  options.documentation = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether to install documentation of packages from {option}`environment.systemPackages`.";
    };
    nixos.enable = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = "Whether to install NixOS's own documentation.";
    };
  };
  config.system.build.manual.optionsJSON =
    pkgs.runCommand "options.json" { text = builtins.unsafeDiscardStringContext json; passAsFile = [ "text" ]; } ''
      mkdir -p $out/share/doc/nixos
      cp "$textPath" $out/share/doc/nixos/options.json
    '';
}
