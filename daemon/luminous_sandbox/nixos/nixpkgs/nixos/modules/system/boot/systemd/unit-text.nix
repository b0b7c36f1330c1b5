# The texts of unit files.
{ lib, defaultPath }:
let
  variable =
    name: v:
    lib.optionalString (v != null) "Environment=${builtins.toJSON "${name}=${toString v}"}\n";
  value = v: if v == true then "true" else if v == false then "false" else toString v;
  lines = settings:
    lib.concatStrings (
      lib.concatLists (
        lib.mapAttrsToList (
          name: v: map (x: "${name}=${value x}\n") (builtins.filter (x: x != null) (lib.toList v))
        ) settings
      )
    );
  unitSection = def:
    let
      settings =
        def.unitConfig
        // lib.filterAttrs (_: v: v != [ ] && v != "") {
          Description = def.description;
          Documentation = toString def.documentation;
          Requires = toString def.requires;
          Wants = toString def.wants;
          After = toString def.after;
          Before = toString def.before;
          BindsTo = toString def.bindsTo;
          PartOf = toString def.partOf;
          Conflicts = toString def.conflicts;
          X-Restart-Triggers = toString def.restartTriggers;
          X-Reload-Triggers = toString def.reloadTriggers;
        };
    in
    "[Unit]\n${lines settings}";
  environment = def:
    let
      path = lib.makeBinPath (def.path ++ defaultPath);
      variables = { PATH = path; } // def.environment;
    in
    lib.concatStrings (
      lib.mapAttrsToList variable variables
    );
in
{
  service = def:
    unitSection def
    + "\n[Service]\n"
    + environment def
    + lib.optionalString def.reloadIfChanged "X-ReloadIfChanged=true\n"
    + lib.optionalString (!def.reloadIfChanged && !def.restartIfChanged) "X-RestartIfChanged=false\n"
    + lib.optionalString (!def.stopIfChanged) "X-StopIfChanged=false\n"
    + lines def.serviceConfig;
  timer = def: unitSection def + "\n[Timer]\n" + lines def.timerConfig;
  socket = def:
    unitSection def
    + "\n[Socket]\n"
    + lib.concatMapStrings (stream: "ListenStream=${stream}\n") def.listenStreams
    + lines def.socketConfig;
  path = def: unitSection def + "\n[Path]\n" + lines def.pathConfig;
  target = def: unitSection def;
  mount = def: unitSection def + "\n[Mount]\n" + lines {
    What = def.what;
    Where = def.where;
    Type = if def.type == "" then null else def.type;
  };
}
