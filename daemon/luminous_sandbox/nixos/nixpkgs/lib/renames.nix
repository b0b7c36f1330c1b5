# Options that have moved or gone: the old name still works, or says what to do.
{ lib }:
let
  inherit (lib) showOption;

  forward =
    { from, to, visible, warn, use }:
    { config, options, ... }:
    let
      fromOpt = lib.getAttrFromPath from options;
      target = lib.attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      # An option inside a submodule has no type that can be seen from here.
      type = (lib.attrByPath to { } options).type or lib.types.unspecified;
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          inherit visible type;
          description = "Alias of {option}`${showOption to}`.";
          apply = _: (if warn then lib.warn "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'." else lib.id) (use (target config));
        }
      );
      config = lib.mkMerge [
        (lib.optionalAttrs (options ? warnings) {
          warnings = lib.optional (warn && fromOpt.isDefined)
            "The option `${showOption from}' defined in ${lib.showFiles fromOpt.files} has been renamed to `${showOption to}'.";
        })
        # The definitions move over with the priorities that they had.
        (lib.mkIf fromOpt.isDefined (
          lib.setAttrByPath to (
            lib.mkMerge (
              map (
                def: lib.mkDefinition {
                  inherit (def) file;
                  value = lib.mkOverride fromOpt.highestPrio def.value;
                }
              ) fromOpt.definitionsWithLocations
            )
          )
        ))
      ];
    };
in
rec {
  mkRenamedOptionModule = from: to: forward {
    inherit from to;
    visible = false;
    warn = true;
    use = lib.id;
  };
  mkAliasOptionModule = from: to: forward {
    inherit from to;
    visible = true;
    warn = false;
    use = lib.id;
  };
  mkRemovedOptionModule = name: instructions: { options, ... }: {
    options = lib.setAttrByPath name (
      lib.mkOption {
        visible = false;
        apply = _: throw "The option `${showOption name}' can no longer be used since it's been removed. ${instructions}";
      }
    );
    config.assertions =
      let
        opt = lib.getAttrFromPath name options;
      in
      [
        {
          assertion = !opt.isDefined;
          message = "The option definition `${showOption name}' in ${lib.showFiles opt.files} no longer has any effect; please remove it.\n${instructions}";
        }
      ];
  };
  mkChangedOptionModule = from: to: change: { config, options, ... }: {
    options = lib.setAttrByPath from (lib.mkOption {
      visible = false;
      type = lib.types.unspecified;
    });
    config = lib.mkIf (lib.getAttrFromPath from options).isDefined (
      lib.mkMerge [
        {
          warnings = [ "The option `${showOption from}' has been changed to `${showOption to}'." ];
        }
        (lib.setAttrByPath to (change config))
      ]
    );
  };
}
