# File formats for settings: a type for what they can hold, and a way to write it. Only TOML.
{ lib, pkgs, ... }:
let
  inherit (lib) types;
  value = types.oneOf [ types.bool types.int types.float types.str types.path (types.listOf value) (types.attrsOf value) ]
    // { description = "TOML value"; };
  written = given:
    if builtins.isList given then "[${lib.concatMapStringsSep ", " written given}]" else builtins.toJSON given;
  lines = lib.mapAttrsToList (name: given: "${name} = ${written given}\n");
in
{
  formats.toml = _: {
    type = types.attrsOf value;
    # Tables are what nobody here needs: settings are flat.
    generate = name: given: pkgs.writeText name (lib.concatStrings (lines given));
  };
}
