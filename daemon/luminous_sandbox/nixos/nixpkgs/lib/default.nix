# The library: small functions by topic, each reachable as lib.NAME and as lib.TOPIC.NAME.
let
  topics = {
    trivial = ./trivial.nix;
    lists = ./lists.nix;
    attrsets = ./attrsets.nix;
    strings = ./strings.nix;
    versions = ./versions.nix;
    shell = ./shell.nix;
    meta = ./meta.nix;
    customisation = ./customisation.nix;
    options = ./options.nix;
    properties = ./properties.nix;
    modules = ./modules;
    renames = ./renames.nix;
    documentation = ./documentation.nix;
  };

  parts = builtins.mapAttrs (_: file: import file { inherit lib; }) topics;

  lib =
    builtins.foldl' (all: topic: all // parts.${topic}) { } (builtins.attrNames topics)
    // {
      inherit (parts) trivial lists attrsets meta customisation versions;
      strings = parts.strings // parts.shell // {
        inherit (parts.versions) getName getVersion versionAtLeast versionOlder;
      };
      options = parts.options // parts.documentation;
      modules = parts.modules // parts.properties // parts.renames;
      types = import ./types { inherit lib; };
      inherit (import ./types/base.nix { inherit lib; }) mkOptionType isType isOptionType;
      licenses = import ./licenses.nix;
      generators = import ./generators.nix { inherit lib; };
      fixedPoints = {
        inherit (lib) fix extends composeExtensions composeManyExtensions makeExtensible;
      };
      asserts = { inherit (lib) assertMsg assertOneOf; };
      maintainers = { };
      teams = { };
      platforms = {
        linux = [ "x86_64-linux" "aarch64-linux" ];
        all = [ "x86_64-linux" "aarch64-linux" ];
        unix = [ "x86_64-linux" "aarch64-linux" ];
      };
      inherit builtins;
    };
in
lib
