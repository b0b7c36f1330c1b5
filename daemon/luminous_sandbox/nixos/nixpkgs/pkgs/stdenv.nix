# The standard environment: derivations with names, versions, outputs and what is known about them.
{ lib, pkgs }:
let
  inherit (pkgs) system;
  seed = import ../bootstrap/seed.nix;
  checkMeta = import ./check-meta.nix { inherit lib; inherit (pkgs) config; };
  # What the derivation's builder need not see.
  notForBuilder = [ "meta" "passthru" "pos" "override" "overrideAttrs" ];
  script = builtins.readFile ./build/phases.sh;

  outputsToInstall = outputs:
    [ (if builtins.elem "bin" outputs then "bin" else if builtins.elem "out" outputs then "out" else builtins.head outputs) ]
    ++ lib.optional (builtins.elem "man" outputs) "man";

  make = given:
    let
      attrs = if lib.isFunction given then lib.fix given else given;
      name = attrs.name or "${attrs.pname}-${attrs.version}";
      outputs = attrs.outputs or [ "out" ];
      meta = {
        inherit name outputs;
        outputsToInstall = outputsToInstall outputs;
        platforms = [ "x86_64-linux" "aarch64-linux" ];
        maintainers = [ ];
      }
      // attrs.meta or { }
      // checkMeta.facts attrs
      // lib.optionalAttrs (attrs ? pos && attrs.pos != null) {
        position = "${attrs.pos.file}:${toString attrs.pos.line}";
      };
      drv = builtins.derivation (
        {
          inherit name system seed;
          builder = "${seed}/bin/sh";
          args = [ "-e" "-c" script ];
        }
        // lib.optionalAttrs (outputs != [ "out" ]) { inherit outputs; }
        // removeAttrs attrs notForBuilder
      );
      guard = checkMeta.guard (attrs // { inherit name meta; });
      extra = attrs.passthru or { } // {
        inherit meta name;
        passthru = attrs.passthru or { };
        overrideAttrs = changes:
          make (attrs // (
            let
              first = changes attrs;
            in
            if lib.isFunction first then changes (make attrs) attrs else first
          ));
      };
      # Each output is the package seen from that output.
      output = o: drv.${o} // extra // {
        outPath = guard drv.${o}.outPath;
        drvPath = guard drv.drvPath;
        outputSpecified = true;
      };
    in
    drv
    // lib.optionalAttrs (attrs ? pname) { inherit (attrs) pname version; }
    // lib.genAttrs outputs output
    // extra
    // { outPath = guard drv.outPath; drvPath = guard drv.drvPath; };
in
{
  inherit system seed;
  mkDerivation = make;
  hostPlatform = { inherit system; isLinux = true; };
  shellPackage = seed;
}
