# Time and language.
{ config, lib, ... }:
{
  options = {
    time.timeZone = lib.mkOption {
      default = null;
      type = lib.types.nullOr (lib.types.addCheck lib.types.str (zone: builtins.match ".* .*" zone == null) // {
        description = "string without spaces";
      });
      example = "America/New_York";
      description = ''
        The time zone used when displaying times and dates. See
        <https://en.wikipedia.org/wiki/List_of_tz_database_time_zones> for a comprehensive list of
        possible values for this setting.
      '';
    };
    i18n.defaultLocale = lib.mkOption {
      type = lib.types.str;
      default = "en_US.UTF-8";
      example = "nl_NL.UTF-8";
      description = ''
        The default locale. It determines the language for program messages, the format for dates
        and times, sort order, and so on.
      '';
    };
    i18n.extraLocaleSettings = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = { LC_MESSAGES = "en_US.UTF-8"; LC_TIME = "de_DE.UTF-8"; };
      description = ''
        A set of additional system-wide locale settings other than `LANG` which can be configured
        with {option}`i18n.defaultLocale`.
      '';
    };
    console.keyMap = lib.mkOption {
      type = lib.types.either lib.types.str lib.types.path;
      default = "us";
      example = "fr";
      description = "The keyboard mapping table for the virtual consoles.";
    };
    console.font = lib.mkOption {
      type = lib.types.nullOr (lib.types.either lib.types.str lib.types.path);
      default = null;
      example = "LatArCyrHeb-16";
      description = "The font used for the virtual consoles.";
    };
  };
  config.environment.etc = {
    "locale.conf".text = lib.generators.toKeyValue { } (
      { LANG = config.i18n.defaultLocale; } // config.i18n.extraLocaleSettings
    );
    "vconsole.conf".text = lib.generators.toKeyValue { } (
      { KEYMAP = config.console.keyMap; } // lib.optionalAttrs (config.console.font != null) {
        FONT = config.console.font;
      }
    );
  }
  // lib.optionalAttrs (config.time.timeZone != null) {
    timezone.text = "${config.time.timeZone}\n";
  };
}
