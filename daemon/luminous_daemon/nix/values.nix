# The values of the options that a machine's own files define, and of those `also` asked for, by name.
#
# To look at all options would evaluate what nothing else needs, and fail where nobody would look. So
# the own modules are taken alone, with the finished configuration as their arguments, and a free type
# that gathers their definitions as they stand; only what these name is then read.
#
# A value is { value = plain data; }, or { text = "what stands for it"; }.
{ nixos, also }:

let
  inherit (builtins)
    attrNames concatLists concatMap concatStringsSep deepSeq elem filter hashString head isAttrs isBool
    isFloat isFunction isInt isList isPath isString length listToAttrs map stringLength substring tail
    toJSON toString tryEval unsafeDiscardStringContext;
  inherit (nixos) config options pkgs;
  inherit (pkgs) lib;

  longest = 4096; # characters of one value; a digest says whether a longer one is another
  most = 2000; # options

  attempt = fallback: value: let tried = tryEval value; in if tried.success then tried.value else fallback;
  discard = value: unsafeDiscardStringContext (toString value);
  isOption = value: isAttrs value && (value._type or "") == "option";
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";

  # --- the definitions of the machine's own files ----------------------------------------------------

  arguments = options._module.args.value;
  nixpkgs = discard pkgs.path;
  isOwn = file: let text = discard file; in substring 0 (stringLength nixpkgs) text != nixpkgs;
  gathered = lib.evalModules {
    modules = arguments.modules or [ ] ++ [ { _module.freeformType = gathering; } ];
    specialArgs = { modulesPath = toString (pkgs.path + "/nixos/modules"); }
      // options._module.specialArgs.value or { }
      // { inherit options; config = config // { _module = { args = arguments; }; }; };
  };
  gathering = lib.mkOptionType {
    name = "definitions";
    check = _: true;
    merge = _: definitions: { "gathered definitions" = definitions; };
  };
  free = map (definition: definition.value)
    (filter (definition: isOwn definition.file) (gathered.config."gathered definitions" or [ ]));

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

  at = set: path:
    if path == [ ] then { found = true; value = set; }
    else if isAttrs set && set ? ${head path} then
      let next = tryEval set.${head path}; in if next.success then at next.value (tail path) else { found = false; }
    else { found = false; };
  nameOf = package: discard (package.name or "");
  listed = names: concatStringsSep ", " (map nameOf names);
  plainly = depth: value:
    if isBool value || isInt value || isFloat value || value == null then { inherit value; }
    else if isString value || isPath value then { value = discard value; }
    else if isDerivation value then { text = "package ${nameOf value}"; }
    else if isFunction value then { text = "a function"; }
    else if depth == 0 then { text = "…"; }
    else if isList value then
      let items = map (plainly (depth - 1)) value; in
      if lib.all (item: item ? value) items then { value = map (item: item.value) items; }
      else if lib.all isDerivation value then { text = "packages ${listed value}"; }
      else { text = "a list of ${toString (length value)}"; }
    else
      let fields = builtins.mapAttrs (_: plainly (depth - 1)) value; in
      if lib.all (name: fields.${name} ? value) (attrNames fields) then { value = builtins.mapAttrs (_: field: field.value) fields; }
      else { text = "a set of ${toString (length (attrNames value))}"; };
  short = shown:
    let words = toJSON shown.value or shown.text; digest = substring 0 12 (hashString "sha256" words); in
    if stringLength words <= longest then shown
    else { text = "${toString (stringLength words)} characters, ${digest}"; };
  valueOf = path:
    let tried = tryEval (let found = at config path; shown = if found.found then short (plainly 4 found.value) else null; in deepSeq shown shown);
    in if tried.success then tried.value else null;

  paths = lib.unique (filter (path: path != [ "environment" "systemPackages" ]) (
    also
    ++ concatMap (under options [ ]) free
    ++ declared (removeAttrs gathered.options [ "_module" ])
  ));
  described = map (path: { name = lib.showOption path; value = valueOf path; }) (lib.take most paths);
in
listToAttrs (filter (option: option.value != null) described)
