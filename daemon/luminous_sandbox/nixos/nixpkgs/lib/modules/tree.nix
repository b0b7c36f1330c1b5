# The tree: every module's declarations and definitions, brought together name by name.
{ lib }:
let
  inherit (builtins) attrNames concatLists concatMap filter head isAttrs length map mapAttrs removeAttrs;
  definitions = import ./definitions.nix { inherit lib; };

  # A set of options where another module declares a submodule: the options join the submodule.
  asSubmodule = decl:
    if lib.isOption decl.options then
      decl
    else
      decl // {
        options = lib.mkOption { type = lib.types.submodule { inherit (decl) options; }; };
      };

  isSubmodule = decl: decl.options.type.name or null == "submodule";

  checkTag = loc: decl:
    if decl.options ? _type && decl.options._type != "option" then
      throw "In module ${decl.file}: expected an option declaration at option path `${lib.showOption loc}` but got an attribute set with type ${decl.options._type}"
    else
      decl;

  refuseParent = loc: options: others:
    throw "The option `${lib.showOption loc}' in module `${(head options).file}' would be a parent of the following options, but its type `${
      (head options).options.type.description or "<no description>"
    }' does not support nested options.\n${
      lib.concatStringsSep "\n" (
        concatMap (
          decl: map (name: " - option(s) with prefix `${lib.showOption (loc ++ [ name ])}' in module `${decl.file}'") (attrNames decl.options)
        ) others
      )
    }";
in
rec {
  # -> { matched = the option tree with values; unmatched = [ { file, path, value } ]; }
  mergeModules = prefix: modules:
    mergeLevel prefix (map (m: { file = m._file; inherit (m) options; }) modules) (
      concatMap (m: map (value: { file = m._file; inherit value; }) (lib.pushDownProperties m.config)) modules
    );

  mergeLevel = prefix: declarations: defs:
    let
      declared = lib.zipAttrs (map (split prefix) declarations);
      raw = lib.zipAttrs (map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) (checkSet prefix def)) defs);
      results = mapAttrs (name: mergeName (prefix ++ [ name ]) (raw.${name} or [ ])) declared;
      named = name: map (def: def // { path = [ name ] ++ def.path or [ ]; });
      left = mapAttrs (_: result: result.unmatched) results // removeAttrs raw (attrNames declared);
    in
    {
      matched = mapAttrs (_: result: result.matched) results;
      unmatched = if defs == [ ] then [ ] else concatLists (lib.mapAttrsToList named left);
    };

  mergeName = loc: raw: found:
    let
      decls = map (checkTag loc) found;
      options = filter (decl: lib.isOption decl.options) decls;
      option = evaluate: {
        matched = definitions.evalOptionValue loc (mergeOptionDecls loc evaluate) raw;
        unmatched = [ ];
      };
      below = concatMap (def: map (value: def // { inherit value; }) (lib.pushDownProperties def.value)) raw;
    in
    if length options == length decls then
      option decls
    else if options == [ ] then
      mergeLevel loc decls below
    else if builtins.all isSubmodule options then
      option (map asSubmodule decls)
    else
      refuseParent loc options (filter (decl: !(lib.isOption decl.options)) decls);

  split = prefix: declaration:
    if isAttrs declaration.options then
      mapAttrs (name: options: {
        inherit (declaration) file;
        inherit options;
        pos = builtins.unsafeGetAttrPos name declaration.options;
      }) declaration.options
    else
      throw "An option declaration for `${lib.concatStringsSep "." prefix}' has type `${builtins.typeOf declaration.options}' rather than an attribute set.\nDid you mean to define this outside of `options'?";

  checkSet = prefix: def:
    if isAttrs def.value then
      def.value
    else
      throw "In module `${def.file}', you're trying to define a value of type `${builtins.typeOf def.value}'\nrather than an attribute set for the option\n`${lib.concatStringsSep "." prefix}'!\n\nThis usually happens if `${lib.concatStringsSep "." prefix}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!\n";

  # One declaration out of several: later ones may add what the first ones leave open.
  mergeOptionDecls = loc: decls:
    let
      add = so: decl:
        let
          both = name: so ? ${name} && decl.options ? ${name};
          type = so.type.typeMerge decl.options.type.functor;
          again = throw "The option `${lib.showOption loc}' in `${decl.file}' is already declared in ${lib.showFiles so.declarations}.";
        in
        if builtins.any both [ "default" "example" "description" "apply" ] then
          again
        else
          decl.options
          // so
          // {
            declarations = so.declarations ++ [ decl.file ];
            declarationPositions = so.declarationPositions ++ [
              (if decl.pos == null then {
                inherit (decl) file;
                line = null;
                column = null;
              } else decl.pos)
            ];
          }
          // lib.optionalAttrs (both "type") { type = if type == null then again else type; };
      merged = builtins.foldl' add {
        inherit loc;
        declarations = [ ];
        declarationPositions = [ ];
      } decls;
    in
    merged // { type = merged.type or lib.types.unspecified; };
}
