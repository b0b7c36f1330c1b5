# The refusal of a definition for which there is no option, with the nearest names there are.
{ lib }:
{
  refuse =
    { prefix, options, def }:
    let
      loc = prefix ++ def.path;
      siblings = builtins.attrNames (lib.attrByPath (lib.init def.path) { } options);
      candidates = lib.remove "_module" siblings;
      word = lib.last def.path;
      near = lib.take 3 (lib.sortOn (lib.levenshtein word) candidates);
      quote = name: "`${lib.showOption (lib.init loc ++ [ name ])}'";
      suggestion =
        if near == [ ] then
          ""
        else if builtins.length near == 1 then
          "\n\nDid you mean ${quote (builtins.head near)}?"
        else
          "\n\nDid you mean ${lib.concatMapStringsSep ", " quote (lib.init near)} or ${quote (lib.last near)}?";
      message = "The option `${lib.showOption loc}' does not exist. Definition values:${lib.showDefs [ def ]}";
      misplaced = "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!";
      empty = "\n\nHowever there are no options defined in `${lib.showOption prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'.";
    in
    throw (
      message
      + (
        if builtins.attrNames options != [ "_module" ] then
          suggestion
        else if prefix == [ ] then
          misplaced
        else
          empty
      )
    );
}
