# The product for nixpkgs: the wheel, whose data files are at their places already.
{ lib, coreutils, python3Packages }:
python3Packages.buildPythonApplication {
  pname = "luminous";
  version = (lib.importTOML ../pyproject.toml).project.version;
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
  dependencies = with python3Packages; [ dbus-next jeepney pydantic rapidfuzz rich systemd-python ];

  postInstall = ''
    substituteInPlace $out/lib/systemd/system/luminousd.service \
      --replace-fail /usr/bin/ $out/bin/ \
      --replace-fail /bin/kill ${coreutils}/bin/kill
  '';

  # The suite boots machines and builds systems: `make test` in a checkout.
  doCheck = false;
  pythonImportsCheck = [ "luminous_daemon.app" "luminous_clients.cli.main" ];

  meta = {
    description = "Change, understand and undo a NixOS machine in plain words";
    license = lib.licenses.mit;
    mainProgram = "ask-nix";
    platforms = lib.platforms.linux;
  };
}
