# Types of lists and sets of another type, and of anything at all.
{ lib, base, types }:
let
  inherit (base) mkOptionType;
  inner = base.phrase (class: class == "noun" || class == "composite");
  wrap = name: type: wrapped: base.defaultFunctor name // { inherit wrapped type; };

  setOf = { name, description, lazy }: self: elem: mkOptionType {
    inherit name;
    description = "${description} of ${inner elem}";
    descriptionClass = "composite";
    check = builtins.isAttrs;
    emptyValue.value = { };
    merge = loc: defs:
      let
        each = lib.zipAttrsWith (
          attr: named:
          let
            merged = lib.mergeDefinitions (loc ++ [ attr ]) elem named;
          in
          if lazy then { keep = true; value = merged.optionalValue.value or elem.emptyValue.value or merged.mergedValue; } else {
            keep = merged.isDefined;
            value = merged.mergedValue;
          }
        ) (builtins.concatMap named defs);
        named = def: map (builtins.mapAttrs (_: value: { inherit (def) file; inherit value; })) (lib.pushDownProperties def.value);
      in
      builtins.mapAttrs (_: result: result.value) (if lazy then each else lib.filterAttrs (_: result: result.keep) each);
    getSubOptions = prefix: elem.getSubOptions (prefix ++ [ "<name>" ]);
    inherit (elem) getSubModules;
    substSubModules = modules: self (elem.substSubModules modules);
    functor = wrap name self elem;
    nestedTypes.elemType = elem;
  };
in
rec {
  listOf = elem: mkOptionType {
    name = "listOf";
    description = "list of ${inner elem}";
    descriptionClass = "composite";
    check = builtins.isList;
    emptyValue.value = [ ];
    merge = loc: defs:
      let
        item = n: m: def: value:
          (lib.mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) elem [
            { inherit (def) file; inherit value; }
          ]).optionalValue;
        items = lib.concatLists (lib.imap1 (n: def: lib.imap1 (m: item n m def) def.value) defs);
      in
      map (x: x.value) (builtins.filter (x: x ? value) items);
    getSubOptions = prefix: elem.getSubOptions (prefix ++ [ "*" ]);
    inherit (elem) getSubModules;
    substSubModules = modules: listOf (elem.substSubModules modules);
    functor = wrap "listOf" listOf elem;
    nestedTypes.elemType = elem;
  };
  nonEmptyListOf = elem:
    let
      list = listOf elem;
    in
    list // {
      description = "non-empty ${list.description}";
      emptyValue = { };
      check = x: builtins.isList x && x != [ ];
    };

  attrsOf = setOf { name = "attrsOf"; description = "attribute set"; lazy = false; } attrsOf;
  lazyAttrsOf = setOf {
    name = "lazyAttrsOf";
    description = "lazy attribute set";
    lazy = true;
  } lazyAttrsOf;

  uniq = unique { message = ""; };
  unique = { message }: type: mkOptionType {
    name = "unique";
    inherit (type) description descriptionClass check emptyValue getSubOptions getSubModules;
    merge = lib.mergeUniqueOption { inherit message; inherit (type) merge; };
    substSubModules = modules: unique { inherit message; } (type.substSubModules modules);
    nestedTypes.elemType = type;
  };

  # Sets merge attribute by attribute, everything else must be equal.
  anything = mkOptionType {
    name = "anything";
    description = "anything";
    descriptionClass = "noun";
    merge = loc: defs:
      let
        kind = x: if builtins.isAttrs x then (if lib.isStringLike x then "stringCoercibleSet" else "set") else builtins.typeOf x;
        kinds = lib.unique (map (def: kind def.value) defs);
        one = builtins.head kinds;
      in
      if builtins.length kinds > 1 then
        throw "The option `${lib.showOption loc}' has conflicting option types in ${lib.showFiles (lib.getFiles defs)}"
      else if one == "set" then
        (lazyAttrsOf anything).merge loc defs
      else if one == "list" && builtins.length defs > 1 then
        lib.mergeEqualOption loc defs
      else if one == "lambda" then
        x: anything.merge (loc ++ [ "<function body>" ]) (map (def: {
          inherit (def) file;
          value = def.value x;
        }) defs)
      else
        lib.mergeEqualOption loc defs;
  };
}
