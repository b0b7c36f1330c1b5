# Definitions: the ones that count, checked against the option's type and merged to its value.
{ lib }:
let
  inherit (builtins) all catAttrs concatMap filter head length map;
in
rec {
  mergeDefinitions = loc: type: defs:
    let
      resolve = def:
        map (value: if value._type or null == "definition" then value else {
          inherit (def) file;
          inherit value;
        }) (
          builtins.addErrorContext "while evaluating definitions from `${def.file}':" (lib.dischargeProperties def.value)
        );
      strongest = lib.filterOverrides' (concatMap resolve defs);
      final = lib.sortProperties strongest.values;
    in
    rec {
      defsFinal = final;
      inherit (strongest) highestPrio;
      isDefined = final != [ ];
      mergedValue =
        if !isDefined then
          type.emptyValue.value
            or (throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option.")
        else if all (def: type.check def.value) final then
          type.merge loc final
        else
          throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${
            lib.showDefs (filter (def: !(type.check def.value)) final)
          }";
      optionalValue = lib.optionalAttrs isDefined { value = mergedValue; };
    };

  evalOptionValue = loc: opt: own:
    let
      defs = lib.optional (opt ? default) {
        file = head opt.declarations;
        value = lib.mkOptionDefault opt.default;
      } ++ own;
      alone = map (def: def // {
        value = (mergeDefinitions loc opt.type [ def ]).mergedValue;
      }) defs;
      merged =
        if opt.readOnly or false && length defs > 1 then
          throw "The option `${lib.showOption loc}' is read-only, but it's set multiple times. Definition values:${lib.showDefs alone}"
        else
          mergeDefinitions loc opt.type defs;
    in
    opt
    // {
      value = builtins.addErrorContext "while evaluating the option `${lib.showOption loc}':" (
        (opt.apply or lib.id) merged.mergedValue
      );
      inherit (merged) highestPrio isDefined;
      definitions = catAttrs "value" merged.defsFinal;
      files = catAttrs "file" merged.defsFinal;
      definitionsWithLocations = merged.defsFinal;
      __toString = _: lib.showOption loc;
    };
}
