# What is known about a package beside how it is built.
{ lib }:
rec {
  addMetaAttrs = meta: package: package // { meta = package.meta or { } // meta; };
  setName = name: package: package // { inherit name; };
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  availableOn = platform: package: builtins.elem (platform.system or platform) (package.meta.platforms or [ (platform.system or platform) ]);
  getExe' = package: name: "${lib.getBin package}/bin/${name}";
  getExe = package:
    getExe' package (
      package.meta.mainProgram
        or (lib.warn "getExe: Package ${lib.strings.escapeNixIdentifier (package.meta.name or package.pname or package.name)} does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now." (lib.getName package))
    );
  licensesSpdx = lib.mapAttrs' (_: l: lib.nameValuePair l.spdxId l) (lib.filterAttrs (_: l: l ? spdxId) lib.licenses);
}
