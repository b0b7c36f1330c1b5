# The configuration that is meant when none is named: NIXOS_CONFIG, else nixos-config on the search path.
let
  named = builtins.getEnv "NIXOS_CONFIG";
in
if named == "" then <nixos-config> else /. + named
