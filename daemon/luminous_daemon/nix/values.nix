# The values of the options that a machine's own files define, and of those `also` asked for, by name.
#
# To look at all options would evaluate what nothing else needs, and fail where nobody would look. So
# the own modules are taken alone, see own.nix; only what these name is then read.
#
# A value is as shown.nix tells it. Beside `values` stand the own files that define anything, `sources`.
{ nixos, also }:

let
  inherit (builtins)
    attrNames concatMap elem filter isAttrs listToAttrs map toString tryEval unsafeDiscardStringContext;
  inherit (nixos) config options pkgs;
  inherit (pkgs) lib;
  inherit (import ./shown.nix { inherit lib; }) toldAt;

  most = 2000; # options

  attempt = fallback: value: let tried = tryEval value; in if tried.success then tried.value else fallback;
  discard = value: unsafeDiscardStringContext (toString value);
  isOption = value: isAttrs value && (value._type or "") == "option";
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";

  # --- the definitions of the machine's own files ----------------------------------------------------

  inherit (import ./own.nix { inherit nixos; }) gathered isOwn definitions;
  own = definitions;
  free = map (definition: definition.value) own;

  # What own files declare themselves is no free definition, but theirs all the same.
  declared = set: concatMap (name:
    let node = set.${name}; in
    if isOption node then concatMap (definition: leaves node.loc (node.type or null) definition.value)
      (filter (definition: isOwn definition.file) (attempt [ ] node.definitionsWithLocations))
    else if isAttrs node then declared node
    else [ ]) (attrNames set);

  # A definition's values without the properties around them; what does not apply is none.
  unwrapped = value:
    if !(attempt false (isAttrs value)) then [ (attempt null value) ]
    else if (value._type or "") == "if" then (if attempt false value.condition then unwrapped value.content else [ ])
    else if (value._type or "") == "merge" then concatMap unwrapped value.contents
    else if elem (value._type or "") [ "override" "order" ] then unwrapped value.content
    else [ value ];

  # The paths to what a definition says: through the options, and through the sets inside of one.
  under = node: path: raw: concatMap (value:
    if isOption node then leaves path (node.type or null) value
    else if !(isAttrs node && isAttrs value) then [ ]
    else concatMap (name: if node ? ${name} then under node.${name} (path ++ [ name ]) value.${name} else [ ])
      (filter (name: name != "_module") (attrNames value))) (unwrapped raw);
  inside = type:
    let name = type.name or ""; in
    if type == null then null
    else if elem name [ "attrsOf" "lazyAttrsOf" "submodule" "anything" "attrs" ] then type
    else if elem name [ "nullOr" "uniq" "unique" ] then inside (type.nestedTypes.elemType or null)
    else null;
  below = type: name:
    if elem (type.name or "") [ "attrsOf" "lazyAttrsOf" ] then type.nestedTypes.elemType or null
    else if (type.name or "") == "submodule" then
      (removeAttrs (type.getSubOptions [ ]) [ "_module" "_freeformOptions" ]).${name}.type or (type.nestedTypes.freeformType or null)
    else type;
  leaves = path: type: raw: concatMap (value:
    let outer = attempt null (inside type); in
    if outer == null || !(isAttrs value) || isDerivation value || value == { } then [ path ]
    else concatMap (name: leaves (path ++ [ name ]) (attempt null (below outer name)) value.${name}) (attrNames value))
    (unwrapped raw);

  # --- their values ----------------------------------------------------------------------------------

  paths = lib.unique (filter (path: path != [ "environment" "systemPackages" ]) (
    also
    ++ concatMap (under options [ ]) free
    ++ declared (removeAttrs gathered.options [ "_module" ])
  ));
  described = map (path: { name = lib.showOption path; value = toldAt config path; }) (lib.take most paths);
in
{
  values = listToAttrs (filter (option: option.value != null) described);
  sources = lib.unique (map (definition: discard definition.file) own);
}
