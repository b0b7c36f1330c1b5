# The settings of a package set: what it lets pass, completed with what the environment allows.
{ lib }:
given:
let
  allows = name: builtins.getEnv name == "1";
in
{
  allowUnfreePredicate = _: false;
  allowInsecurePredicate = package: builtins.elem package.name (given.permittedInsecurePackages or [ ]);
  permittedInsecurePackages = [ ];
  allowAliases = true;
  allowlistedLicenses = [ ];
  blocklistedLicenses = [ ];
}
// given
// {
  allowUnfree = given.allowUnfree or (allows "NIXPKGS_ALLOW_UNFREE");
  allowBroken = given.allowBroken or (allows "NIXPKGS_ALLOW_BROKEN");
  allowInsecure = allows "NIXPKGS_ALLOW_INSECURE";
}
