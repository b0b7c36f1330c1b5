# Words for a shell: quoted so that it reads exactly what was meant.
{ lib }:
rec {
  escapeShellArg = value:
    let
      word = toString value;
    in
    if builtins.match "[[:alnum:],._+:@%/-]+" word != null then
      word
    else
      "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] word}'";
  escapeShellArgs = words: lib.concatStringsSep " " (map escapeShellArg words);
  toShellVar = name: value:
    if builtins.isList value then
      "declare -a ${name}=(${escapeShellArgs value})"
    else
      "${name}=${escapeShellArg value}";
  toShellVars = set: lib.concatStringsSep "\n" (lib.mapAttrsToList toShellVar set);
}
