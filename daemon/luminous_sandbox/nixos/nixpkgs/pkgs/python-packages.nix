# Python's packages, a set inside the set.
{ lib, pkgs, release }:
let
  package = import ./package.nix { inherit lib release; pkgs = pkgs // pkgs.python3Packages; };
  rows = with lib.licenses; {
    flask = {
      version = "3.1.2";
      description = "Micro web framework for Python";
      homepage = "https://flask.palletsprojects.com/";
      license = bsd3;
      programs = [ "flask" ];
      size = 16;
      needs = [ "python3" ];
    };
    numpy = {
      version = "2.3.2";
      description = "Scientific tools for Python";
      homepage = "https://numpy.org/";
      license = bsd3;
      programs = [ "f2py" ];
      size = 120;
      needs = [ "python3" ];
    };
    requests = {
      version = "2.32.5";
      description = "HTTP library for Python";
      homepage = "https://requests.readthedocs.io";
      license = asl20;
      libraries = [ ];
      size = 12;
      needs = [ "python3" "urllib3" ];
    };
    urllib3 = {
      version = "2.5.0";
      description = "Powerful, user-friendly HTTP client for Python";
      homepage = "https://urllib3.readthedocs.io/";
      license = mit;
      libraries = [ ];
      size = 12;
      needs = [ "python3" ];
    };
  };
in
{
  python3Packages = lib.recurseIntoAttrs (
    builtins.mapAttrs (
      name: row: package name (row // {
        pname = "python3.13-${name}";
        pos = builtins.unsafeGetAttrPos name rows;
      })
    ) rows
  );
  python313Packages = pkgs.python3Packages;
  python313 = pkgs.python3;
}
