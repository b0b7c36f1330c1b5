# Types of single values that are neither numbers nor strings.
{ lib, base, types }:
let
  inherit (base) mkOptionType;
in
{
  raw = mkOptionType {
    name = "raw";
    description = "raw value";
    descriptionClass = "noun";
    merge = lib.mergeOneOption;
  };
  unspecified = mkOptionType {
    name = "unspecified";
    description = "unspecified value";
    descriptionClass = "noun";
  };
  bool = mkOptionType {
    name = "bool";
    description = "boolean";
    descriptionClass = "noun";
    check = builtins.isBool;
    merge = lib.mergeEqualOption;
  };
  boolByOr = mkOptionType {
    name = "boolByOr";
    description = "boolean (merged using or)";
    descriptionClass = "noun";
    check = builtins.isBool;
    merge = _: defs: lib.any (def: def.value) defs;
  };
  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = x: lib.isDerivation x || lib.strings.isStorePath x;
    merge = loc: defs:
      let
        value = lib.mergeOneOption loc defs;
      in
      if lib.isDerivation value then value else {
        type = "derivation";
        name = baseNameOf value;
        outPath = toString value;
      };
  };
  shellPackage = types.package // {
    check = x: lib.isDerivation x && x ? shellPath;
  };
  pkgs = mkOptionType {
    name = "pkgs";
    descriptionClass = "noun";
    description = "Nixpkgs package set";
    check = x: (x._type or null) == "pkgs";
    merge = lib.mergeOneOption;
  };
  path = mkOptionType {
    name = "path";
    description = "absolute path";
    descriptionClass = "noun";
    check = x: lib.isStringLike x && builtins.substring 0 1 (toString x) == "/";
    merge = lib.mergeEqualOption;
  };
  pathInStore = mkOptionType {
    name = "pathInStore";
    description = "path in the Nix store";
    descriptionClass = "noun";
    check = x: lib.isStringLike x && lib.hasPrefix "${builtins.storeDir}/" "${x}";
    merge = lib.mergeEqualOption;
  };
  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = builtins.isAttrs;
    merge = _: builtins.foldl' (set: def: set // def.value) { };
    emptyValue.value = { };
  };
  optionType = mkOptionType {
    name = "optionType";
    description = "optionType";
    descriptionClass = "noun";
    check = base.isOptionType;
    merge = loc: defs:
      if builtins.length defs == 1 then
        (builtins.head defs).value
      else
        builtins.foldl' (
          type: def:
          let
            merged = type.typeMerge def.value.functor;
          in
          if merged == null then lib.mergeOneOption loc defs else merged
        ) (builtins.head defs).value (builtins.tail defs);
  };
  functionTo = result: mkOptionType {
    name = "functionTo";
    description = "function that evaluates to a(n) ${base.phrase (class: class == "noun" || class == "nonRestrictiveClause") result}";
    descriptionClass = "composite";
    check = lib.isFunction;
    merge = loc: defs: x:
      (lib.mergeDefinitions (loc ++ [ "<function body>" ]) result (map (def: def // {
        value = def.value x;
      }) defs)).mergedValue;
    getSubOptions = prefix: result.getSubOptions (prefix ++ [ "<function body>" ]);
    functor = base.defaultFunctor "functionTo" // { wrapped = result; type = types.functionTo; };
    nestedTypes.elemType = result;
  };
}
