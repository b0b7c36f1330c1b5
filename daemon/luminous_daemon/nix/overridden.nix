# The definitions of an option in the machine's own files that do not count, as others are stronger.
#
# The module system keeps those that count alone, so the others are taken from the files themselves.
{ nixos }:

let
  inherit (builtins) concatMap filter head isAttrs map tail tryEval;
  inherit (import ./own.nix { inherit nixos; }) definitions;

  plain = 100; # the priority of a definition that names none: lib.modules.defaultOverridePriority

  holds = condition: let tried = tryEval condition; in tried.success && tried.value == true;
  # What a definition says at a path, with its priority; of several the outermost counts.
  at = priority: path: value:
    let kind = value._type or ""; next = at priority path; in
    if !(isAttrs value) then (if path == [ ] then [ { inherit priority value; } ] else [ ])
    else if kind == "if" then (if holds value.condition then next value.content else [ ])
    else if kind == "merge" then concatMap next value.contents
    else if kind == "override" then at (if priority == null then value.priority else priority) path value.content
    else if kind == "order" then next value.content
    else if path == [ ] then [ { inherit priority value; } ]
    else if value ? ${head path} then at priority (tail path) value.${head path}
    else [ ];
  priorityOf = found: if found.priority == null then plain else found.priority;
in
option: path:
concatMap (definition: map (found: { inherit (definition) file; inherit (found) value; })
  (filter (found: priorityOf found > option.highestPrio) (at null path definition.value))) definitions
