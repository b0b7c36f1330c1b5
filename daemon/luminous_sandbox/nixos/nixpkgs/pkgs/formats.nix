# File formats for settings: a type for what they can hold, and a way to write it. Only TOML.
{ lib, pkgs, ... }:
let
  inherit (lib) types;
  value = types.oneOf [ types.bool types.int types.float types.str types.path (types.listOf value) (types.attrsOf value) ]
    // { description = "TOML value"; };
  # Tables inside are written in one line: { a = 1, b = { c = 2 } }.
  written = given:
    if builtins.isList given then "[${lib.concatMapStringsSep ", " written given}]"
    else if builtins.isAttrs given && !(lib.isDerivation given) then
      "{ ${lib.concatStringsSep ", " (lib.mapAttrsToList (name: held: "${builtins.toJSON name} = ${written held}") given)} }"
    else builtins.toJSON given;
  lines = lib.mapAttrsToList (name: given: "${name} = ${written given}\n");
in
{
  formats.toml = _: {
    type = types.attrsOf value;
    generate = name: given: pkgs.writeText name (lib.concatStrings (lines given));
  };
}
