# Packages that can be made again with other arguments.
{ lib }:
rec {
  makeOverridable = f: args:
    let
      made = f args;
    in
    if builtins.isAttrs made then
      made
      // {
        override = changes: makeOverridable f (args // lib.toFunction changes args);
        overrideDerivation = changes: made // changes made;
      }
    else
      made;

  callPackageWith = available: file: given:
    let
      f = if lib.isFunction file then file else import file;
      args = builtins.intersectAttrs (lib.functionArgs f) available // given;
      missing = builtins.filter (name: !(args ? ${name} || (lib.functionArgs f).${name})) (
        builtins.attrNames (lib.functionArgs f)
      );
    in
    if missing == [ ] then
      makeOverridable f args
    else
      throw "lib.customisation.callPackageWith: Function called without required argument \"${builtins.head missing}\"";

  overrideDerivation = package: changes: package.overrideAttrs changes;
  extendDerivation = condition: extra: package:
    package // extra // {
      outPath = assert condition;
      package.outPath;
      drvPath = assert condition;
      package.drvPath;
    };
}
