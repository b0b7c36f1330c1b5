# Functions on version numbers and on package names that carry them.
{ lib }:
rec {
  inherit (builtins) compareVersions parseDrvName;
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: !(versionOlder a b);
  getName = x: if builtins.isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  getVersion = x:
    if builtins.isString x then (builtins.parseDrvName x).version else x.version or (builtins.parseDrvName x.name).version;
  major = v: builtins.elemAt (builtins.splitVersion v) 0;
  minor = v: builtins.elemAt (builtins.splitVersion v) 1;
  patch = v: builtins.elemAt (builtins.splitVersion v) 2;
  majorMinor = v: "${major v}.${minor v}";
  pad = n: v: lib.concatStringsSep "." (lib.take n (builtins.splitVersion v ++ lib.lists.replicate n "0"));
}
