# A package made from one row of facts; see build/package.sh for what it holds.
#   version, description, homepage, license: as in meta
#   programs: names in bin/ (the package's own by default)   libraries: names in lib/
#   needs: other packages that it refers to                  outputs: when there are several
#   size: kilobytes of data                                  says: what a program prints when run
#   host: a program of the host that does the work where it is there
#   broken, vulnerabilities: reasons to refuse it            prebuilt: false leaves it to be built
{ lib, pkgs, release }:
let
  inherit (pkgs) stdenv;
  script = builtins.readFile ./build/package.sh;
in
name: row:
lib.makeOverridable (
  given:
  let
    pname = row.pname or name;
    programs = row.programs or (if row ? libraries then [ ] else [ pname ]);
  in
  stdenv.mkDerivation {
    inherit pname;
    version = release.packages.${name} or row.version;
    inherit (row) description pos;
    outputs = row.outputs or [ "out" ];
    programs = toString programs;
    libraries = toString (row.libraries or [ ]);
    needs = map (need: lib.getLib given.${need}) (row.needs or [ ]);
    size = toString (row.size or 8);
    says = row.says or "";
    host = row.host or "";
    buildCommand = script;
    passthru = { prebuilt = row.prebuilt or true; } // row.passthru or { };
    meta = {
      inherit (row) description homepage license;
      broken = row.broken or false;
      knownVulnerabilities = row.vulnerabilities or [ ];
    }
    // lib.optionalAttrs (programs != [ ]) {
      mainProgram = row.mainProgram or (builtins.head programs);
    }
    // lib.optionalAttrs (row ? priority) { inherit (row) priority; };
  }
) (lib.genAttrs (row.needs or [ ]) (need: pkgs.${need}))
