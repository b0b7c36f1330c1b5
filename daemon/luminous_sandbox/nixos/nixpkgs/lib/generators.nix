# Texts made from values.
{ lib }:
rec {
  mkValueStringDefault = _: v:
    if builtins.isBool v then
      lib.boolToString v
    else if v == null then
      "null"
    else if builtins.isAttrs v && !(lib.isStringLike v) then
      throw "generators.mkValueStringDefault: attrsets not supported: ${toPretty { } v}"
    else
      toString v;

  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: sep: key: value:
    "${lib.escape [ sep ] key}${sep}${mkValueString value}";

  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }: set:
    let
      lines = key: value:
        map (v: "${indent}${mkKeyValue key v}\n") (if listsAsDuplicateKeys then lib.toList value else [ value ]);
    in
    lib.concatStrings (builtins.concatLists (lib.mapAttrsToList lines set));

  toINI = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, mkSectionName ? lib.escape [ "[" "]" ] }: sections:
    lib.concatStringsSep "\n" (
      lib.mapAttrsToList (
        name: set: "[${mkSectionName name}]\n" + toKeyValue {
          inherit mkKeyValue listsAsDuplicateKeys;
        } set
      ) sections
    );

  toJSON = _: builtins.toJSON;

  # A value as Nix text, as error messages show it.
  toPretty = { multiline ? true, indent ? "", allowPrettyValues ? false }@options: value:
    let
      inner = toPretty (options // { indent = indent + "  "; });
      break = if multiline then "\n${indent}  " else " ";
      close = if multiline then "\n${indent}" else " ";
      enclose = open: parts: shut: "${open}${break}${lib.concatStringsSep break parts}${close}${shut}";
    in
    if builtins.isString value then
      prettyString (options // { inherit indent; }) value
    else if value == null then
      "null"
    else if builtins.isBool value then
      lib.boolToString value
    else if builtins.isInt value || builtins.isFloat value then
      toString value
    else if builtins.isPath value then
      toString value
    else if lib.isFunction value then
      "<function>"
    else if builtins.isList value then
      if value == [ ] then "[ ]" else enclose "[" (map inner value) "]"
    else if lib.isDerivation value then
      "<derivation ${value.name or "???"}>"
    else if value == { } then
      "{ }"
    else
      enclose "{" (lib.mapAttrsToList (name: v: "${lib.escapeNixIdentifier name} = ${inner v};") value) "}";

  prettyString = { multiline ? true, indent ? "", ... }: value:
    let
      lines = lib.splitString "\n" value;
      escaped = map (builtins.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ]) lines;
      shown = map (line: if line == "" then "" else "${indent}  ${line}") escaped;
    in
    if multiline && builtins.length lines > 1 then
      "''\n${lib.concatStringsSep "\n" (lib.init shown ++ lib.optional (lib.last shown != "") (lib.last shown))}"
      + (if lib.last lines == "" then "${indent}''" else "''")
    else
      lib.strings.escapeNixString value;
}
