# The refusal of packages that one should not get without saying so.
{ lib, config }:
let
  licensesOf = attrs: lib.toList (attrs.meta.license or [ ]);
  isUnfree = attrs: builtins.any (license: !(license.free or true)) (licensesOf attrs);
  vulnerabilities = attrs: attrs.meta.knownVulnerabilities or [ ];
  identity = attrs: {
    inherit (attrs) name;
    pname = attrs.pname or (lib.getName attrs.name);
    meta = attrs.meta or { };
    version = attrs.version or "";
  };
  place = attrs: attrs.meta.position or "«unknown-file»";

  refuse = attrs: reason: way:
    throw "Package ‘${attrs.name}’ in ${place attrs} ${reason}, refusing to evaluate.\n\n${way}";

  forOnce = variable: ''
    a) To allow it once, set an environment variable for one invocation of the Nix tools:

         $ export ${variable}=1

       Commands that read a flake need `--impure` for that.
  '';

  unfreeWay = attrs: ''
    ${forOnce "NIXPKGS_ALLOW_UNFREE"}
    b) For `nixos-rebuild` set
      { nixpkgs.config.allowUnfree = true; }
    in configuration.nix, or allow this one package:
      { nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [
          "${lib.getName attrs}"
        ];
      }

    c) For other Nix commands add
      { allowUnfree = true; }
    to ~/.config/nixpkgs/config.nix.
  '';
  brokenWay = ''
    ${forOnce "NIXPKGS_ALLOW_BROKEN"}
    b) For `nixos-rebuild` set
      { nixpkgs.config.allowBroken = true; }
    in configuration.nix.
  '';
  insecureWay = attrs: ''

    Known issues:
    ${lib.concatMapStrings (issue: " - ${issue}\n") (vulnerabilities attrs)}
    ${forOnce "NIXPKGS_ALLOW_INSECURE"}
    b) For `nixos-rebuild` add it to
      { nixpkgs.config.permittedInsecurePackages = [
          "${attrs.name}"
        ];
      }
    in configuration.nix.
  '';

  isAllowedUnfree = attrs: config.allowUnfree || config.allowUnfreePredicate (identity attrs);
  isAllowedInsecure = attrs: config.allowInsecure || config.allowInsecurePredicate (identity attrs);
in
rec {
  # What users of the package may want to know before they ask for it.
  facts = attrs: {
    broken = attrs.meta.broken or false;
    unfree = isUnfree attrs;
    insecure = vulnerabilities attrs != [ ];
    unsupported = false;
    available = !(attrs.meta.broken or false) && (!(isUnfree attrs) || isAllowedUnfree attrs)
      && (vulnerabilities attrs == [ ] || isAllowedInsecure attrs);
  };

  # The value, unless the package is refused.
  guard = attrs: value:
    if isUnfree attrs && !(isAllowedUnfree attrs) then
      refuse attrs "has an unfree license (${
        lib.concatMapStringsSep ", " (license: "‘${license.shortName}’") (licensesOf attrs)
      })" (unfreeWay attrs)
    else if attrs.meta.broken or false && !config.allowBroken then
      refuse attrs "is marked as broken" brokenWay
    else if vulnerabilities attrs != [ ] && !(isAllowedInsecure attrs) then
      refuse attrs "is marked as insecure" (insecureWay attrs)
    else
      value;
}
