# What is told of single options and packages to people who ask about them: more than plans need.
#
# To read values, defaults and definitions can fail in ways that nothing here can catch; without
# `ask.values` they are left out. What lies below an option is named as manuals name it: users.users.<name>.shell.
{ ask, nixos, walk, outermost, hasPath, describePackage, packageAt, licencesOf, licenceName, isUnfree, isGone }:

let
  inherit (builtins)
    any attrNames concatMap concatStringsSep elem filter head isAttrs isList isString length map mapAttrs
    removeAttrs stringLength substring tail toString tryEval unsafeDiscardStringContext;
  inherit (nixos) config options pkgs;
  inherit (pkgs) lib;
  inherit (import ./shown.nix { inherit lib; }) told toldAt;

  overriddenBy = import ./overridden.nix { inherit nixos; };
  attempt = fallback: value: let tried = tryEval value; in if tried.success then tried.value else fallback;
  text = value: unsafeDiscardStringContext (toString value);
  isOption = value: isAttrs value && (value._type or "") == "option";
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";
  prose = value: attempt "" (if isAttrs value then text (value.text or "") else text value);
  # A text that stands for a value in the manual, or what is told of the value itself.
  literal = value: if isAttrs value && value ? _type && value ? text then { literal = text value.text; } else told value;

  # Where links lead to a channel, older versions of Nix name its files by them.
  roots = map (root: "${text root}/") ([ pkgs.path ] ++ (if ask ? flake then [ ] else [ <nixpkgs> ]));
  withoutNixpkgs = file:
    let name = text file; holding = filter (root: substring 0 (stringLength root) name == root) roots; in
    if holding == [ ] then name else substring (stringLength (head holding)) (-1) name;

  # --- options ---------------------------------------------------------------------------------------

  typeOf = option: attempt "" (text (option.type.description or ""));
  isVisible = option: attempt false (option.visible or true != false && !(option.internal or false));
  inner = type: removeAttrs (type.getSubOptions [ ]) [ "_module" "_freeformOptions" ];
  # What stands between an option's name and the names inside of its value.
  between = type:
    let name = type.name or ""; below = between (type.nestedTypes.elemType or { }); in
    if elem name [ "attrsOf" "lazyAttrsOf" ] then [ "<name>" ] ++ below
    else if name == "listOf" then [ "*" ] ++ below
    else if elem name [ "nullOr" "uniq" "unique" ] then below
    else [ ];
  childrenOf = node:
    if isOption node then map (child: child // { name = concatStringsSep "." (between node.type ++ [ child.name ]); }) (childrenOf (attempt { } (inner node.type)))
    else concatMap (name:
      let child = attempt null node.${name}; in
      if name == "_module" || !(isAttrs child) then [ ]
      else if !(isOption child) then [ { inherit name; type = ""; text = ""; } ]
      else if isVisible child then [ { inherit name; type = typeOf child; text = prose (child.description or ""); } ]
      else [ ]) (if isAttrs node then attrNames node else [ ]);
  # The option or the set of options that a path leads to, inside of values too; null for neither.
  nodeAt = node: path:
    let rest = lib.drop (length (between node.type)) path; in
    if path == [ ] then node
    else if isOption node then (if length path < length (between node.type) then null else nodeAt (attempt { } (inner node.type)) rest)
    else if isAttrs node && node ? ${head path} then nodeAt node.${head path} (tail path)
    else null;

  # What a definition says at a path inside of the option, as far as it is a plain set there.
  within = value: path:
    if !(isAttrs value) then value
    else if elem (value._type or "") [ "if" "override" "order" ] then within value.content path
    else if (value._type or "") == "merge" && filter (content: hasPath content path) value.contents != [ ]
    then within (head (filter (content: hasPath content path) value.contents)) path
    else if path == [ ] then value
    else within value.${head path} (tail path);

  # Whether a definition may say something at a path inside of the option; no only where that is sure.
  mayHave = value: path:
    if path == [ ] || !(isAttrs value) || value ? imports || value ? config || value ? __functor then true
    else if elem (value._type or "") [ "if" "override" "order" ] then mayHave value.content path
    else if (value._type or "") == "merge" then any (content: mayHave content path) value.contents
    else value ? _type || value ? ${head path} && mayHave value.${head path} (tail path);

  describeOption = path:
    let
      found = attempt null (walk options path);
      node = attempt null (nodeAt options path);
      below = attempt [ ] (childrenOf node);
      option = found.option;
      outer = outermost options path;
      # What an option inside of a set is called there, its last name is the same.
      isItself = attempt true (lib.last option.loc == lib.last path);
      isDefault = outer.rest == [ ] && attempt 1500 (outer.option.highestPrio or 1500) >= 1500;
      given = attempt [ ] (outer.option.definitionsWithLocations or [ ]);
      definitions = if !ask.values || isDefault then [ ]
        else filter (definition: hasPath definition.value outer.rest) given;
    in
    if found == null then { exists = false; inherit below; }
    else {
      exists = true;
      inherit below;
      type = attempt "" (text (found.type.description or ""));
      description = prose (option.description or "");
      readOnly = option.readOnly or false;
      gone = outer.rest == [ ] && isGone option;
      declarations = map withoutNixpkgs (attempt [ ] (option.declarations or [ ]));
      sources = if !ask.values then [ ]
        else map (definition: withoutNixpkgs definition.file) (filter (definition: attempt true (mayHave definition.value outer.rest)) given);
      files = map (definition: withoutNixpkgs definition.file) definitions;
    }
    // lib.optionalAttrs (isItself && option ? example) { example = attempt null (literal option.example); }
    // lib.optionalAttrs (isItself && option ? defaultText) { default = attempt null (literal option.defaultText); }
    // lib.optionalAttrs ask.values ({
      value = toldAt config path;
    } // lib.optionalAttrs (ask.overridden or false && outer.rest == [ ] && outer.option ? highestPrio) {
      overridden = map (definition: { file = withoutNixpkgs definition.file; value = told definition.value; })
        (overriddenBy outer.option path);
    } // {
      values = map (definition: attempt null (told (within definition.value outer.rest))) definitions;
    } // lib.optionalAttrs (isItself && option ? default && !(option ? defaultText)) { default = attempt null (told option.default); });

  # --- packages --------------------------------------------------------------------------------------

  describeAll = path:
    let
      package = packageAt path;
      meta = attempt { } (package.meta or { });
      homepages = let found = meta.homepage or [ ]; in if isList found then found else [ found ];
      known = describePackage path;
    in
    known // lib.optionalAttrs (known ? files) { files = map withoutNixpkgs known.files; }
    // lib.optionalAttrs (isDerivation package) {
      description = prose (meta.description or "");
      homepage = attempt "" (if homepages == [ ] then "" else text (head homepages));
      licences = attempt [ ] (map (licence: text (licenceName licence)) (licencesOf meta));
      program = attempt "" (text (meta.mainProgram or ""));
      position = attempt "" (withoutNixpkgs (meta.position or ""));
      unfree = attempt false (isUnfree meta);
      broken = attempt false (meta.broken or false);
      insecure = attempt false (meta.knownVulnerabilities or [ ] != [ ]);
    };
in
{
  packages = map describeAll ask.packages;
  # First of all outside of `attempt`: where the configuration itself fails, no option is missing.
  options = builtins.seq (attrNames options) (mapAttrs (_: wanted: describeOption wanted.path) ask.options);
}
