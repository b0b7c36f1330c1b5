# Functions on attribute sets.
{ lib }:
let
  inherit (builtins) concatMap elem filter foldl' head isAttrs length tail;
in
rec {
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    ;

  nameValuePair = name: value: { inherit name value; };
  optionalAttrs = condition: set: if condition then set else { };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = xs: f: listToAttrs (map f xs);
  attrVals = names: set: map (name: set.${name}) names;
  attrsToList = mapAttrsToList nameValuePair;

  attrByPath = path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && set ? ${head path} then
      attrByPath (tail path) default set.${head path}
    else
      default;
  hasAttrByPath = path: set:
    path == [ ] || (isAttrs set && set ? ${head path} && hasAttrByPath (tail path) set.${head path});
  getAttrFromPath = path: set:
    if hasAttrByPath path set then
      attrByPath path null set
    else
      throw "cannot find attribute `${lib.concatStringsSep "." path}'";
  setAttrByPath = path: value:
    if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };

  filterAttrs = test: set: removeAttrs set (filter (name: !(test name set.${name})) (attrNames set));
  filterAttrsRecursive = test: set:
    mapAttrs (_: v: if isAttrs v then filterAttrsRecursive test v else v) (filterAttrs test set);
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  concatMapAttrs = f: set: mergeAttrsList (mapAttrsToList f set);
  mergeAttrs = a: b: a // b;
  mergeAttrsList = foldl' mergeAttrs { };
  foldlAttrs = f: initial: set: foldl' (x: name: f x name set.${name}) initial (attrNames set);
  foldAttrs = f: initial: sets: mapAttrs (_: lib.foldr f initial) (zipAttrs sets);
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond = enter: f: set:
    let
      walk = path:
        mapAttrs (
          name: value:
          if isAttrs value && enter value then
            walk (path ++ [ name ]) value
          else
            f (path ++ [ name ]) value
        );
    in
    walk [ ] set;
  collect = test: x:
    if test x then [ x ] else if isAttrs x then concatMap (collect test) (attrValues x) else [ ];

  zipAttrsWith =
    builtins.zipAttrsWith
      or (f: sets: genAttrs (attrNames (mergeAttrsList sets)) (name: f name (catAttrs name sets)));
  zipAttrsWithNames = names: f: sets: genAttrs names (name: f name (catAttrs name sets));
  zipAttrs = zipAttrsWith (_: values: values);

  recursiveUpdateUntil = stop: a: b:
    let
      merge = path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          # zipAttrsWith gives the values in the order of the sets: [ a b ], or one of them.
          if length values == 1 || stop here (builtins.elemAt values 0) (lib.last values) then
            lib.last values
          else
            merge here values
        );
    in
    merge [ ] [ a b ];
  recursiveUpdate = recursiveUpdateUntil (_: a: b: !(isAttrs a && isAttrs b));

  matchAttrs = pattern: set:
    builtins.all (
      name:
      set ? ${name}
      && (if isAttrs pattern.${name} then matchAttrs pattern.${name} set.${name} else pattern.${name} == set.${name})
    ) (attrNames pattern);
  getAttrs = names: set: genAttrs names (name: set.${name});
  cartesianProduct = sets:
    foldl' (rows: name: concatMap (row: map (value: row // { ${name} = value; }) sets.${name}) rows) [ { } ] (attrNames sets);
  updateManyAttrsByPath = updates: set:
    foldl' (
      s: update: recursiveUpdate s (setAttrByPath update.path (update.update (attrByPath update.path null s)))
    ) set updates;
  unionOfDisjoint = a: b:
    let
      common = filter (name: elem name (attrNames b)) (attrNames a);
    in
    lib.throwIf (common != [ ]) "attrsets.unionOfDisjoint: both sets have ${lib.concatStringsSep ", " common}" (a // b);

  isDerivation = x: x.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  # The named output of a package when it has one, else the package as it stands.
  getOutput = output: package:
    if package ? outputSpecified && package.outputSpecified then package else package.${output} or package.out or package;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getMan = getOutput "man";
}
