# The type of options whose value is a small configuration of its own.
{ lib, base, types }:
rec {
  submodule = modules: submoduleWith {
    shorthandOnlyDefinesConfig = true;
    modules = lib.toList modules;
  };
  deferredModule = deferredModuleWith { };
  deferredModuleWith = { staticModules ? [ ] }: base.mkOptionType {
    name = "deferredModule";
    description = "module";
    descriptionClass = "noun";
    check = x: builtins.isAttrs x || lib.isFunction x || types.path.check x;
    merge = loc: defs: {
      imports = staticModules ++ map (def: lib.setDefaultModuleLocation "${def.file}, via option ${lib.showOption loc}" def.value) defs;
    };
  };

  submoduleWith =
    { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, description ? null, class ? null }@given:
    let
      evaluate = loc: more:
        lib.evalModules {
          inherit class specialArgs;
          prefix = loc;
          modules = [ {
            _module.args.name = lib.mkOptionDefault (if loc == [ ] then "‹name›" else lib.last loc);
          } ] ++ modules ++ more;
        };
      asModule = def:
        if builtins.isAttrs def.value && shorthandOnlyDefinesConfig then
          { _file = def.file; config = def.value; }
        else
          lib.setDefaultModuleLocation def.file def.value;
      documented = evaluate [ ] [ ];
      freeform = documented._module.freeformType;
    in
    base.mkOptionType {
      name = "submodule";
      description =
        if description != null then
          description
        else if freeform != null then
          "open submodule of ${base.phrase (kind: kind == "noun" || kind == "composite") freeform}"
        else
          "submodule";
      descriptionClass = "noun";
      check = x: builtins.isAttrs x || lib.isFunction x || types.path.check x;
      merge = loc: defs: (evaluate loc (map asModule defs)).config;
      emptyValue.value = { };
      getSubOptions = prefix:
        let
          loc = if prefix == [ ] then [ "‹name›" ] else prefix;
        in
        removeAttrs (evaluate loc [ ]).options [ "_module" ]
        // lib.optionalAttrs (freeform != null) {
          _freeformOptions = freeform.getSubOptions prefix;
        };
      getSubModules = modules;
      substSubModules = replaced: submoduleWith (given // { modules = replaced; });
      nestedTypes = lib.optionalAttrs (freeform != null) { freeformType = freeform; };
      functor = base.defaultFunctor "submodule" // {
        type = submoduleWith;
        payload = { inherit modules specialArgs shorthandOnlyDefinesConfig description class; };
        binOp = a: b: {
          modules = a.modules ++ b.modules;
          specialArgs = a.specialArgs // b.specialArgs;
          shorthandOnlyDefinesConfig = a.shorthandOnlyDefinesConfig || b.shorthandOnlyDefinesConfig;
          description = if a.description == null then b.description else a.description;
          class = if a.class == null then b.class else a.class;
        };
      };
    };
}
