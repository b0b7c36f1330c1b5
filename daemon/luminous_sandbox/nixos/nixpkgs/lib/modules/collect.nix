# Collecting: follows imports, calls functions, drops what is disabled, keeps each file once.
{ lib }:
let
  inherit (builtins) concatMap elem head isAttrs isList isString mapAttrs removeAttrs;
  plain = [ "_class" "_file" "key" "disabledModules" "imports" "freeformType" ];

  # Arguments are looked up by name when the module uses them, because _module.args comes out of the
  # very evaluation that the module takes part in.
  call = key: f: args:
    let
      lookUp = name: _:
        builtins.addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (
          args.${name} or args.config._module.args.${name}
        );
    in
    f (args // mapAttrs lookUp (lib.functionArgs f));

  withFreeform = module: config:
    if module ? freeformType then
      lib.mkMerge [ config { _module.freeformType = module.freeformType; } ]
    else
      config;

  checkWhole = key: module:
    let
      others = builtins.attrNames (removeAttrs module (plain ++ [ "options" "config" "meta" ]));
    in
    if others == [ ] then
      module
    else
      throw "Module `${key}' has an unsupported attribute `${head others}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString others}) into the explicit `config' attribute.";
in
rec {
  # A module as a set in one shape, whichever way it was written.
  unifyModuleSyntax = file: key: module:
    if !(isAttrs module) then
      throw "module ${file} (${key}) does not look like a module."
    else
      let
        isWhole = module ? config || module ? options;
        config = if isWhole then (checkWhole key module).config or { } else removeAttrs module (plain ++ [ "require" ]);
      in
      {
        _file = toString module._file or file;
        _class = module._class or null;
        key = toString module.key or key;
        disabledModules = module.disabledModules or [ ];
        imports = module.require or [ ] ++ module.imports or [ ];
        options = if isWhole then module.options or { } else { };
        config = withFreeform module config;
      };

  load = args: file: key: module:
    if lib.isFunction module then
      unifyModuleSyntax file key (call key module args)
    else if isAttrs module && module ? outPath then
      loadFile args (toString module)
    else if isAttrs module && (module._type or "module") != "module" then
      if elem module._type [ "if" "merge" "override" ] then
        unifyModuleSyntax file key { config = module; }
      else
        throw "Could not load a value as a module, because it is of type \"${module._type}\", in file ${file}."
    else if isAttrs module then
      unifyModuleSyntax file key module
    else if isList module then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: ${
        lib.showDefs [ { inherit file; value = module; } ]
      }"
    else
      loadFile args (toString module);

  loadFile = args: path:
    let
      module = import path;
    in
    unifyModuleSyntax path path (if lib.isFunction module then call path module args else module);

  collectModules =
    { modules, modulesPath, args, class }:
    let
      checkClass = module:
        if class == null || module._class == null || module._class == class then
          module
        else
          throw "The module `${module._file}` (class: \"${module._class}\") cannot be imported into a module evaluation that expects class \"${class}\".";

      grow = parent: key: list:
        lib.imap1 (
          n: given:
          let
            module = checkClass (load args parent "${key}:anon-${toString n}" given);
          in
          {
            inherit module;
            inherit (module) key;
            branches = grow module._file module.key module.imports;
          }
        ) list;

      roots = grow "<unknown-file>" "" modules;
      disabledBelow = concatMap (node: map (keyOf node.module) node.module.disabledModules ++ disabledBelow node.branches);
      keyOf = module: disabled:
        if isString disabled then
          if lib.hasPrefix "/" disabled then disabled else "${toString modulesPath}/${disabled}"
        else if isAttrs disabled && disabled ? key then
          disabled.key
        else if lib.isStringLike disabled then
          toString disabled
        else
          throw "Each disabledModules item must be a path, string, or a attribute set with a key attribute, but one in `${module._file}` is of type ${builtins.typeOf disabled}.";

      disabled = disabledBelow roots;
      kept = builtins.filter (node: !(elem node.key disabled));
    in
    map (node: node.module) (
      builtins.genericClosure { startSet = kept roots; operator = node: kept node.branches; }
    );
}
