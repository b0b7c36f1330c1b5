# Types of strings, from plain ones to ones that definitions add up to.
{ lib, base, types }:
let
  inherit (base) mkOptionType;
in
rec {
  str = mkOptionType {
    name = "str";
    description = "string";
    descriptionClass = "noun";
    check = builtins.isString;
    merge = lib.mergeEqualOption;
  };
  nonEmptyStr = mkOptionType {
    name = "nonEmptyStr";
    description = "non-empty string";
    descriptionClass = "noun";
    check = x: builtins.isString x && builtins.match "[ \t\n]*" x == null;
    inherit (str) merge;
  };
  singleLineStr = mkOptionType {
    name = "singleLineStr";
    description = "(optionally newline-terminated) single-line string";
    descriptionClass = "noun";
    check = x: builtins.isString x && builtins.match "[^\n\r]*\n?" x != null;
    merge = loc: defs: lib.removeSuffix "\n" (lib.mergeEqualOption loc defs);
  };
  passwdEntry = inner: inner // {
    name = "passwdEntry ${inner.name}";
    description = "${inner.description}, not containing newlines or colons";
    check = x: inner.check x && builtins.match "[^\n:]*" x != null;
  };
  strMatching = pattern: mkOptionType {
    name = "strMatching ${lib.strings.escapeNixString pattern}";
    description = "string matching the pattern ${pattern}";
    descriptionClass = "noun";
    check = x: builtins.isString x && builtins.match pattern x != null;
    inherit (str) merge;
  };
  separatedString = sep: mkOptionType {
    name = "separatedString";
    description = if sep == "" then "Concatenated string" else "strings concatenated with ${builtins.toJSON sep}";
    descriptionClass = "noun";
    check = builtins.isString;
    merge = _: defs: lib.concatStringsSep sep (lib.getValues defs);
    functor = base.defaultFunctor "separatedString" // {
      payload = sep;
      type = separatedString;
      binOp = a: b: if a == b then a else null;
    };
  };
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";
  string = separatedString "";
}
