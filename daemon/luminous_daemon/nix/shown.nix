# How a value is told: as { value = plain data; }, or as { text = "what stands for it"; }.
{ lib }:

let
  inherit (builtins)
    attrNames deepSeq hashString isAttrs isBool isFloat isFunction isInt isList isPath isString length map
    mapAttrs stringLength substring toJSON toString tryEval unsafeDiscardStringContext;

  longest = 4096; # characters of one value; a digest says whether a longer one is another
  deepest = 4;

  discard = value: unsafeDiscardStringContext (toString value);
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";
  nameOf = package: discard (package.name or "");
  listed = names: lib.concatStringsSep ", " (map nameOf names);
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
      let fields = mapAttrs (_: plainly (depth - 1)) value; in
      if lib.all (name: fields.${name} ? value) (attrNames fields) then { value = mapAttrs (_: field: field.value) fields; }
      else { text = "a set of ${toString (length (attrNames value))}"; };
  short = shown:
    let words = toJSON shown.value or shown.text; digest = substring 0 12 (hashString "sha256" words); in
    if stringLength words <= longest then shown
    else { text = "${toString (stringLength words)} characters, ${digest}"; };

  # The value that lies at a path, or null where there is none that can be read.
  at = set: path:
    if path == [ ] then { found = true; value = set; }
    else if isAttrs set && set ? ${builtins.head path} then
      let next = tryEval set.${builtins.head path}; in if next.success then at next.value (builtins.tail path) else { found = false; }
    else { found = false; };
in
rec {
  told = value: toldAt value [ ];
  toldAt = set: path:
    let tried = tryEval (let found = at set path; shown = if found.found then short (plainly deepest found.value) else null; in deepSeq shown shown);
    in if tried.success then tried.value else null;
}
