# What a machine's own files define, as it stands: those modules alone, with the finished configuration
# as their arguments, and a free type that gathers their definitions with all that is around them.
{ nixos }:

let
  inherit (builtins) filter stringLength substring toString unsafeDiscardStringContext;
  inherit (nixos) config options pkgs;
  inherit (pkgs) lib;

  discard = value: unsafeDiscardStringContext (toString value);
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
in
{
  inherit gathered isOwn;
  definitions = filter (definition: isOwn definition.file) (gathered.config."gathered definitions" or [ ]);
}
