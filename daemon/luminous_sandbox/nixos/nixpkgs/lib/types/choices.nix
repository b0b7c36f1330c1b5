# Types of values that are one thing or another.
{ lib, base, types }:
let
  inherit (base) mkOptionType;
in
rec {
  enum = values:
    let
      show = v: if builtins.isString v then "\"${v}\"" else if builtins.isBool v then lib.boolToString v else toString v;
      count = builtins.length values;
    in
    mkOptionType {
      name = "enum";
      description =
        if count == 0 then
          "impossible (empty enum)"
        else if count == 1 then
          "value ${show (builtins.head values)} (singular enum)"
        else
          "one of ${lib.concatMapStringsSep ", " show values}";
      descriptionClass = if count < 2 then "noun" else "conjunction";
      check = x: builtins.elem x values;
      merge = lib.mergeEqualOption;
      functor = base.defaultFunctor "enum" // {
        payload = { inherit values; };
        type = payload: enum payload.values;
        binOp = a: b: { values = lib.unique (a.values ++ b.values); };
      };
    };

  nullOr = type: mkOptionType {
    name = "nullOr";
    description = "null or ${base.phrase (class: class == "noun" || class == "conjunction") type}";
    descriptionClass = "conjunction";
    check = x: x == null || type.check x;
    merge = loc: defs:
      let
        nulls = lib.count (def: def.value == null) defs;
      in
      if nulls == builtins.length defs then
        null
      else if nulls != 0 then
        throw "The option `${lib.showOption loc}' is defined both null and not null, in ${lib.showFiles (lib.getFiles defs)}."
      else
        type.merge loc defs;
    emptyValue.value = null;
    inherit (type) getSubOptions getSubModules;
    substSubModules = modules: nullOr (type.substSubModules modules);
    functor = base.defaultFunctor "nullOr" // { wrapped = type; type = nullOr; };
    nestedTypes.elemType = type;
  };

  either = a: b: mkOptionType {
    name = "either";
    description = "${base.phrase (class: class == "noun" || class == "conjunction") a} or ${
      base.phrase (class: class == "noun" || class == "conjunction" || class == "composite") b
    }";
    descriptionClass = "conjunction";
    check = x: a.check x || b.check x;
    merge = loc: defs:
      let
        values = lib.getValues defs;
      in
      if builtins.all a.check values then
        a.merge loc defs
      else if builtins.all b.check values then
        b.merge loc defs
      else
        lib.mergeOneOption loc defs;
    nestedTypes = { left = a; right = b; };
    typeMerge = functor: if functor.name == "either" then either a b else null;
  };
  oneOf = choices:
    assert lib.assertMsg (choices != [ ]) "types.oneOf needs to get at least one type in its argument";
    builtins.foldl' either (builtins.head choices) (builtins.tail choices);

  coercedTo = from: coerce: to:
    let
      convert = x: if from.check x then coerce x else x;
    in
    mkOptionType {
      name = "coercedTo";
      description = "${base.phrase (class: class == "noun") to} or ${base.phrase (class: class == "noun") from} convertible to it";
      check = x: (from.check x && to.check (coerce x)) || to.check x;
      merge = loc: defs: to.merge loc (map (def: def // { value = convert def.value; }) defs);
      inherit (to) emptyValue getSubOptions getSubModules;
      substSubModules = modules: coercedTo from coerce (to.substSubModules modules);
      nestedTypes = { coercedType = from; finalType = to; };
    };

  addCheck = type: check: type // { check = x: type.check x && check x; };
}
