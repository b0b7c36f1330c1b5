# Properties: wrappers that say how a definition takes part in a merge.
{ lib }:
rec {
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkAssert = condition: message: content: mkIf (if condition then true else throw "\nFailed assertion: ${message}") content;
  mkMerge = contents: { _type = "merge"; inherit contents; };

  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  defaultOverridePriority = 100;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  defaultOrderPriority = 1000;
  mkAfter = mkOrder 1500;

  # A definition of one option out of the definitions of another, with their priority.
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  mkDefinition = args: args // { _type = "definition"; };

  # A definition with its conditions resolved: no, one or several values, each still with its priority.
  dischargeProperties = def:
    if builtins.isAttrs def then
      if def._type or "" == "merge" then
        builtins.concatMap dischargeProperties def.contents
      else if def._type or "" == "if" then
        if builtins.isBool def.condition then
          lib.optionals def.condition (dischargeProperties def.content)
        else
          throw "‘mkIf’ called with a non-Boolean condition"
      else
        [ def ]
    else
      [ def ];

  # The same conditions, moved from a set to each of its attributes.
  pushDownProperties = set:
    if set._type or "" == "merge" then
      builtins.concatMap pushDownProperties set.contents
    else if set._type or "" == "if" then
      map (builtins.mapAttrs (_: mkIf set.condition)) (pushDownProperties set.content)
    else if set._type or "" == "override" then
      map (builtins.mapAttrs (_: mkOverride set.priority)) (pushDownProperties set.content)
    else
      [ set ];

  # Keep the definitions of the strongest priority (the lowest number) and unwrap them.
  filterOverrides' = defs:
    let
      priority = def: if def.value._type or "" == "override" then def.value.priority else defaultOverridePriority;
      highestPrio = builtins.foldl' (best: def: lib.min best (priority def)) 9999 defs;
      unwrap = def: if def.value._type or "" == "override" then def // {
        value = def.value.content;
      } else def;
    in
    {
      values = builtins.concatMap (def: lib.optional (priority def == highestPrio) (unwrap def)) defs;
      inherit highestPrio;
    };
  filterOverrides = defs: (filterOverrides' defs).values;

  # Put definitions with an order where they want to be; the others keep their places.
  sortProperties = defs:
    let
      order = def: if def.value._type or "" == "order" then def.value.priority else defaultOrderPriority;
      unwrap = def: if def.value._type or "" == "order" then def // {
        value = def.value.content;
      } else def;
    in
    map unwrap (
      if builtins.any (def: def.value._type or "" == "order") defs then
        builtins.sort (a: b: order a < order b) defs
      else
        defs
    );
}
