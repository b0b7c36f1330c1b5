# Written by Luminous: one definition a line, with who asked for it, when and in which words.
# Move lines into files of your own, or delete them, as you like. Write your own lines elsewhere.
{ lib, pkgs, ... }:

{
  config = lib.mkMerge [
    { _module.args.luminous = true; } # by this Luminous sees that the file is imported
  ];
}
