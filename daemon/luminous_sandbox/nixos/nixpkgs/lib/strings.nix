# Functions on strings.
{ lib }:
let
  inherit (builtins) concatStringsSep elem filter genList isList isString stringLength substring;
  lowerLetters = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperLetters = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  stringToCharacters = s: genList (n: substring n 1 s) (stringLength s);
in
rec {
  inherit stringToCharacters;
  inherit (builtins)
    concatStringsSep
    convertHash
    fromTOML
    isString
    match
    replaceStrings
    split
    splitVersion
    stringLength
    substring
    toString
    unsafeDiscardStringContext
    ;

  join = concatStringsSep;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: xs: concatStrings (map f xs);
  concatMapStringsSep = sep: f: xs: concatStringsSep sep (map f xs);
  concatImapStrings = f: xs: concatStrings (lib.imap1 f xs);
  concatImapStringsSep = sep: f: xs: concatStringsSep sep (lib.imap1 f xs);
  concatMapAttrsStringSep = sep: f: set: concatStringsSep sep (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  optionalString = condition: s: if condition then s else "";
  replicate = n: s: concatStrings (lib.lists.replicate n s);
  intersperse = sep: xs: lib.drop 1 (builtins.concatMap (x: [ sep x ]) xs);

  hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
  hasSuffix = suffix: s:
    let
      rest = stringLength s - stringLength suffix;
    in
    rest >= 0 && substring rest (-1) s == suffix;
  hasInfix = infix: s: builtins.length (builtins.split (escapeRegex infix) "${s}") > 1;
  removePrefix = prefix: s: if hasPrefix prefix s then substring (stringLength prefix) (-1) s else s;
  removeSuffix = suffix: s:
    if suffix != "" && hasSuffix suffix s then substring 0 (stringLength s - stringLength suffix) s else s;

  splitString = sep: s: filter isString (builtins.split (escapeRegex sep) (toString s));
  stringAsChars = f: s: concatStrings (map f (stringToCharacters s));
  trim = s: trimWith { start = true; end = true; } s;
  trimWith = { start ? false, end ? false }: s:
    let
      blank = "[ \t\r\n]*";
      left = if start then builtins.elemAt (builtins.match "${blank}(.*)" s) 0 else s;
      right = builtins.match "(.*[^ \t\r\n])${blank}" left;
    in
    if !end then left else if right == null then "" else builtins.elemAt right 0;
  toLower = builtins.replaceStrings upperLetters lowerLetters;
  toUpper = builtins.replaceStrings lowerLetters upperLetters;
  toSentenceCase = s: toUpper (substring 0 1 s) + toLower (substring 1 (-1) s);

  escape = characters: builtins.replaceStrings characters (map (c: "\\${c}") characters);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeXML = builtins.replaceStrings [ "\"" "'" "<" ">" "&" ] [
    "&quot;"
    "&apos;"
    "&lt;"
    "&gt;"
    "&amp;"
  ];
  escapeNixString = s: escape [ "$" ] (builtins.toJSON s);
  escapeNixIdentifier = s:
    let
      keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
    in
    if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" s != null && !(elem s keywords) then s else escapeNixString s;

  toInt = s:
    let
      found = builtins.match "[ \t]*(-?)0*([0-9]+)[ \t]*" s;
    in
    if found == null then
      throw "toInt: Could not convert ${escapeNixString s} to int."
    else
      builtins.fromJSON "${builtins.elemAt found 0}${builtins.elemAt found 1}";
  toIntBase10 = toInt;
  fixedWidthString = width: filler: s:
    if stringLength s >= width then s else fixedWidthString width filler (filler + s);
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);

  isStringLike = x: isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString = x:
    isStringLike x || x == null || builtins.isInt x || builtins.isFloat x || builtins.isBool x
    || (isList x && builtins.all isConvertibleWithToString x);
  isStorePath = x:
    isStringLike x && builtins.dirOf (toString x) == builtins.storeDir;
  sanitizeDerivationName = name:
    concatMapStringsSep "-" (part: if isString part then part else "") (builtins.split "[^[:alnum:]+._?=-]+" (unsafeDiscard name));
  unsafeDiscard = builtins.unsafeDiscardStringContext;

  makeSearchPath = folder: packages: concatMapStringsSep ":" (package: "${package}/${folder}") (filter (p: p != null) packages);
  makeSearchPathOutput = output: folder: packages: makeSearchPath folder (map (lib.getOutput output) packages);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";

  # The number of letters to insert, remove or replace to get from one word to the other.
  levenshtein = a: b:
    let
      row = previous: n:
        builtins.foldl' (
          cells: m:
          let
            replaced = builtins.elemAt previous m + (if substring n 1 a == substring m 1 b then 0 else 1);
            removed = builtins.elemAt previous (m + 1) + 1;
            inserted = lib.last cells + 1;
          in
          cells ++ [ (lib.min replaced (lib.min removed inserted)) ]
        ) [ (n + 1) ] (lib.range 0 (stringLength b - 1));
    in
    lib.last (builtins.foldl' row (lib.range 0 (stringLength b)) (lib.range 0 (stringLength a - 1)));
  levenshteinAtMost = n: a: b: levenshtein a b <= n;
}
