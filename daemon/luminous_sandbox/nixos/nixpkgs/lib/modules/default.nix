# The module system: many modules become one set of options and one configuration.
{ lib }:
let
  collect = import ./collect.nix { inherit lib; };
  tree = import ./tree.nix { inherit lib; };
  unknown = import ./unknown.nix { inherit lib; };

  # The options that steer the module system itself.
  internalModule = { prefix, specialArgs }: {
    _file = "lib/modules.nix";
    key = "lib/modules.nix";
    options._module = {
      args = lib.mkOption {
        type = lib.types.lazyAttrsOf lib.types.raw;
        internal = prefix != [ ];
        description = "Additional arguments passed to each module.";
      };
      check = lib.mkOption {
        type = lib.types.bool;
        default = true;
        internal = true;
        description = "Whether to check whether all option definitions have matching declarations.";
      };
      freeformType = lib.mkOption {
        type = lib.types.nullOr lib.types.optionType;
        default = null;
        internal = true;
        description = "The type that merges all definitions without an option of their own.";
      };
      specialArgs = lib.mkOption {
        readOnly = true;
        internal = true;
        description = "Arguments given from outside, usable in imports too.";
      };
    };
    config._module.specialArgs = specialArgs;
  };
in
rec {
  inherit (tree) mergeModules mergeOptionDecls;
  inherit (import ./definitions.nix { inherit lib; }) evalOptionValue mergeDefinitions;
  inherit (collect) unifyModuleSyntax;

  setDefaultModuleLocation = file: module: { _file = file; imports = [ module ]; };
  importApply = file: args: setDefaultModuleLocation file (import file args);

  evalModules =
    { modules, prefix ? [ ], specialArgs ? { }, class ? null }@given:
    let
      collected = collect.collectModules {
        inherit class;
        modulesPath = specialArgs.modulesPath or "";
        modules = modules ++ [ (internalModule { inherit prefix specialArgs; }) ];
        args = {
          inherit lib options config specialArgs;
          _class = class;
          _prefix = prefix;
        } // specialArgs;
      };
      merged = tree.mergeModules prefix (lib.reverseList collected);

      options = merged.matched;
      declared = lib.mapAttrsRecursiveCond (o: !(lib.isOption o)) (_: o: o.value) options;
      freeform = declared._module.freeformType;
      free = freeform.merge prefix (
        map (def: {
          inherit (def) file;
          value = lib.setAttrByPath def.path def.value;
        }) merged.unmatched
      );
      config =
        if freeform == null || merged.unmatched == [ ] then declared else lib.recursiveUpdate free declared;

      checked = builtins.seq (
        if declared._module.check && freeform == null && merged.unmatched != [ ] then
          unknown.refuse { inherit prefix options; def = builtins.head merged.unmatched; }
        else
          null
      );
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs config [ "_module" ]);
      _module = checked config._module;
      extendModules = more:
        evalModules (
          given
          // {
            modules = modules ++ more.modules or [ ];
            specialArgs = specialArgs // more.specialArgs or { };
            prefix = more.prefix or prefix;
          }
        );
      type = lib.types.submoduleWith { inherit modules specialArgs class; };
      inherit class;
    };
}
