# The product for nixpkgs: one wheel, of which each program keeps its own half and needs its own
# libraries, so that the daemon's closure holds nothing of the clients'.
{ lib, coreutils, python3Packages, symlinkJoin }:
let
  inherit (lib.importTOML ../pyproject.toml) project;
  meta = {
    inherit (project) description;
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
  };

  program =
    { pname, dependencies, module, leaves, ... }@own:
    python3Packages.buildPythonApplication {
      inherit pname dependencies;
      inherit (project) version;
      pyproject = true;
      src = lib.fileset.toSource {
        root = ../.;
        fileset = lib.fileset.unions [
          ../LICENSE
          ../README.md
          ../clients
          ../daemon
          ../polkit
          ../pyproject.toml
        ];
      };
      build-system = [ python3Packages.hatchling ];
      # What the wheel names is for all programs together.
      dontCheckRuntimeDeps = true;
      postInstall = ''
        cd $out
        rm -r ${toString (map (package: "${python3Packages.python.sitePackages}/${package}") leaves)}
        find bin -type f ! -name ${pname} -delete
        ${own.postInstall}
        find . -type d -empty -delete
        cd -
      '';
      # The suite boots machines and builds systems: `make test` in a checkout.
      doCheck = false;
      pythonImportsCheck = [ module ];
      meta = meta // { mainProgram = pname; };
    };
in
rec {
  luminousd = program {
    pname = "luminousd";
    module = "luminous_daemon.__main__";
    leaves = [ "luminous_clients" "luminous_mind" "luminous_sandbox" ];
    dependencies = with python3Packages; [ dbus-next msgpack pydantic rapidfuzz systemd-python ];
    postInstall = ''
      rm -r share/bash-completion share/fish share/zsh share/man/man1 lib/systemd/system/luminous-mind*
      chmod 755 libexec/luminous/*
      substituteInPlace lib/systemd/system/*.service --replace-quiet =/usr/ =$out/
      substituteInPlace lib/systemd/system/luminousd.service --replace-fail /bin/kill ${coreutils}/bin/kill
    '';
  };

  luminous-mind = program {
    pname = "luminous-mind";
    module = "luminous_mind.__main__";
    leaves = [ "luminous_clients" "luminous_daemon" "luminous_sandbox" ];
    dependencies = with python3Packages; [
      hnswlib
      msgpack
      numpy
      onnxruntime
      pydantic
      pystemmer
      rapidfuzz
      tokenizers
    ];
    postInstall = ''
      rm -r share libexec lib/sysusers.d lib/tmpfiles.d
      find lib/systemd/system -type f ! -name 'luminous-mind*' -delete
      substituteInPlace lib/systemd/system/luminous-mind*.service --replace-fail =/usr/ =$out/
    '';
  };

  ask-nix = program {
    pname = "ask-nix";
    module = "luminous_clients.cli.main";
    leaves = [ "luminous_daemon" "luminous_mind" "luminous_sandbox" ];
    dependencies = with python3Packages; [ jeepney rich ];
    postInstall = "rm -r lib/systemd lib/sysusers.d libexec lib/tmpfiles.d share/dbus-1 share/doc share/man/man8 share/polkit-1";
  };

  luminous = symlinkJoin {
    name = "luminous-${project.version}";
    # Not what searches, which brings libraries for numbers: nobody has to have them.
    paths = [ luminousd ask-nix ];
    # What is linked here are programs and the files for systemd, the bus and shells; no library.
    postBuild = "rm -r $out/lib/python*";
    passthru = { inherit luminousd ask-nix; };
    meta = meta // { mainProgram = "ask-nix"; };
  };
}
