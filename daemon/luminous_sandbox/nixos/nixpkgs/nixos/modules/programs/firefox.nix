# Firefox, with policies for the whole machine.
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.firefox;
in
{
  options.programs.firefox = {
    enable = lib.mkEnableOption "the Firefox web browser";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.firefox;
      description = "Firefox package to use.";
      defaultText = lib.literalExpression "pkgs.firefox";
      relatedPackages = [ "firefox" ];
    };
    policies = lib.mkOption {
      type = lib.types.attrsOf lib.types.anything;
      default = { };
      example = { DisableTelemetry = true; };
      description = "Group policies to install.";
    };
    preferences = lib.mkOption {
      type = lib.types.attrsOf (lib.types.oneOf [ lib.types.bool lib.types.int lib.types.str ]);
      default = { };
      example = { "browser.tabs.tabClipWidth" = 83; };
      description = "Preferences to set from `about:config`.";
    };
    languagePacks = lib.mkOption {
      type = lib.types.listOf (lib.types.enum [
        "ach"
        "de"
        "en-GB"
        "en-US"
        "es-ES"
        "fr"
        "it"
        "ja"
        "nl"
        "pl"
        "pt-BR"
        "sv-SE"
        "zh-CN"
      ]);
      default = [ ];
      description = "The language packs to install.";
    };
  };
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc."firefox/policies/policies.json" = lib.mkIf (cfg.policies != { } || cfg.preferences != { }) {
      text = builtins.toJSON { policies = cfg.policies // { Preferences = cfg.preferences; }; };
    };
  };
}
