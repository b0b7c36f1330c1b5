# All packages, as one set that may refer to itself, with overlays on top.
{
  system ? builtins.currentSystem,
  localSystem ? { inherit system; },
  config ? import ./user-config.nix,
  overlays ? [ ],
  ...
}:
let
  lib = import ../lib;
  given = if lib.isFunction config then config { inherit lib pkgs; } else config;
  packageConfig = import ./config.nix { inherit lib; } given;

  base = final: {
    _type = "pkgs";
    inherit lib system overlays;
    config = packageConfig;
    path = toString ../.;
    stdenv = import ./stdenv.nix { inherit lib; pkgs = final; };
    hostPlatform = { inherit system; isLinux = true; };
    callPackage = lib.callPackageWith final;
    newScope = extra: lib.callPackageWith (final // extra);
    extend = overlay: pkgs.appendOverlays [ overlay ];
    appendOverlays = more: import ./. { inherit system config; overlays = overlays ++ more; };
  };
  release = import ./release.nix;
  layer = file: final: _: import file { inherit lib release; pkgs = final; };
  layers = [
    (layer ./builders.nix)
    (layer ./formats.nix)
    (layer ./tables)
    (layer ./particular.nix)
    (layer ./kernels.nix)
    (layer ./python-packages.nix)
    (if packageConfig.allowAliases then layer ./aliases.nix else _: _: { })
    (_: previous: (packageConfig.packageOverrides or (_: { })) previous)
  ];
  pkgs = lib.fix (lib.extends (lib.composeManyExtensions (layers ++ overlays)) base);
in
builtins.seq localSystem pkgs
