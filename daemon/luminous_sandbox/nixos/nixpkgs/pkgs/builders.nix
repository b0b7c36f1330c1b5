# Small ways to make a package: files, scripts, farms of links.
{ lib, pkgs, ... }:
let
  inherit (pkgs) stdenv;
in
rec {
  runCommand = name: env: buildCommand: stdenv.mkDerivation ({ inherit name buildCommand; } // env);
  runCommandLocal = runCommand;
  runCommandNoCC = runCommand;

  writeTextFile =
    { name, text, executable ? false, destination ? "", checkPhase ? "", meta ? { }, passthru ? { } }:
    stdenv.mkDerivation {
      inherit name text executable destination checkPhase meta passthru;
      passAsFile = [ "text" ];
      buildCommand = ''
        target=$out$destination
        mkdir -p "$(dirname "$target")"
        cp "$textPath" "$target"
        [ -z "$executable" ] || chmod +x "$target"
        eval "$checkPhase"
      '';
    };
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile {
    name = baseNameOf path;
    inherit text;
    destination = "/${path}";
  };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile {
    inherit name text;
    executable = true;
    destination = "/bin/${name}";
    meta.mainProgram = name;
  };
  writeShellScript = name: text: writeScript name "#!${stdenv.seed}/bin/sh\n${text}";
  writeShellScriptBin = name: text: writeScriptBin name "#!${stdenv.seed}/bin/sh\n${text}";
  writeShellApplication =
    { name, text, runtimeInputs ? [ ], meta ? { }, ... }:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      meta = { mainProgram = name; } // meta;
      text = ''
        #!${stdenv.seed}/bin/sh
        set -eu
        ${lib.optionalString (runtimeInputs != [ ]) ''export PATH="${lib.makeBinPath runtimeInputs}:$PATH"''}
        ${text}
      '';
    };

  # Links to everything in the given packages, folder by folder.
  buildEnv =
    {
      name,
      paths,
      pathsToLink ? [ "/" ],
      extraOutputsToInstall ? [ ],
      ignoreCollisions ? false,
      postBuild ? "",
      meta ? { },
      passthru ? { },
    }:
    let
      priority = package: toString (package.meta.priority or 5);
      outputs = package:
        if lib.isDerivation package && !(package.outputSpecified or false) then
          lib.unique (
            map (output: package.${output}) (package.meta.outputsToInstall or [ "out" ])
            ++ map (output: package.${output}) (builtins.filter (output: package ? ${output}) extraOutputsToInstall)
          )
        else
          [ package ];
    in
    stdenv.mkDerivation {
      inherit name ignoreCollisions postBuild meta passthru;
      pathsToLink = toString pathsToLink;
      chosen = lib.concatMapStrings (
        package: lib.concatMapStrings (output: "${priority package} ${output}\n") (outputs package)
      ) (builtins.filter (package: package != null && package != "") paths);
      passAsFile = [ "chosen" ];
      buildCommand = builtins.readFile ./build/environment.sh;
    };
  symlinkJoin = { name, paths, postBuild ? "", meta ? { }, ... }:
    buildEnv { inherit name paths postBuild meta; ignoreCollisions = true; };

  linkFarm = name: entries:
    let
      list = if builtins.isAttrs entries then lib.mapAttrsToList (name: path: {
        inherit name path;
      }) entries else entries;
    in
    runCommand name { } (
      "mkdir -p $out\n"
      + lib.concatMapStrings (entry: ''
        mkdir -p "$out/$(dirname ${lib.escapeShellArg entry.name})"
        ln -s ${lib.escapeShellArg "${entry.path}"} "$out/"${lib.escapeShellArg entry.name}
      '') list
    );
  emptyDirectory = runCommand "empty-directory" { } "mkdir $out";
  emptyFile = writeText "empty-file" "";
}
