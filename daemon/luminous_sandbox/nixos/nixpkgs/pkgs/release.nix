# Which state of the channel this is: the release's version, and versions that packages have moved to.
let
  state = builtins.replaceStrings [ "\n" ] [ "" ] (builtins.readFile ../versions/current);
  data = builtins.fromJSON (builtins.readFile (../versions + "/${state}.json"));
in
data // { version = data.release + data.suffix; inherit state; }
