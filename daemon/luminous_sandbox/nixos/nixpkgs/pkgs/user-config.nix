# The user's own settings for package sets that are imported without any.
let
  fromEnvironment = builtins.getEnv "NIXPKGS_CONFIG";
  own = "${builtins.getEnv "HOME"}/.config/nixpkgs/config.nix";
in
if fromEnvironment != "" && builtins.pathExists fromEnvironment then
  import fromEnvironment
else if builtins.getEnv "HOME" != "" && builtins.pathExists own then
  import own
else
  { }
