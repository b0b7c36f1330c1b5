# The machine of the scripts: alice administers it, bob does not. Its own configuration, which the
# scripts change, is this very file.
{ lib, pkgs, ... }:
let
  checkout = lib.fileset.toSource {
    root = ../..;
    fileset = lib.fileset.unions [
      ../../LICENSE
      ../../README.md
      ../../clients
      ../../daemon
      ../../nixos-module
      ../../polkit
      ../../pyproject.toml
      ./machine.nix
    ];
  };
  configuration = pkgs.writeText "configuration.nix" ''
    { pkgs, ... }:
    {
      imports = [
        <nixpkgs/nixos/modules/virtualisation/qemu-vm.nix>
        <nixpkgs/nixos/modules/testing/test-instrumentation.nix>
        ${checkout}/tests/nixos/machine.nix
        ./luminous.nix
      ];
      environment.systemPackages = with pkgs; [
      ];
    }
  '';
  inherit (pkgs.callPackage ../../nixos-module/package.nix { }) luminousd;
  etc-nixos = pkgs.runCommand "etc-nixos" { } ''
    mkdir $out
    cp ${configuration} $out/configuration.nix
    ${luminousd}/bin/luminousd --print-module >$out/luminous.nix
  '';
in
{
  imports = [ ../../nixos-module ];
  services.luminous.enable = true;
  services.luminous.settings.nixpkgs = "${pkgs.path}";

  users.users.alice = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
  };
  users.users.bob.isNormalUser = true;

  # Administrators are not asked for a password, as there is nobody to type one.
  security.polkit.extraConfig = ''
    polkit.addRule(function (action, subject) {
        if (action.id.indexOf("org.luminous1.") === 0 && subject.isInGroup("wheel")) {
            return polkit.Result.YES;
        }
        return polkit.Result.NOT_HANDLED;
    });
  '';

  # An administrator's own, as on many machines; copied, as Luminous follows no links.
  systemd.tmpfiles.rules = [
    "C /etc/nixos 0755 alice users - ${etc-nixos}"
    "Z /etc/nixos u=rwX,go=rX alice users -"
  ];

  # It boots from its own disk what it has installed there.
  virtualisation = {
    useBootLoader = true;
    mountHostNixStore = false;
    cores = 2;
    memorySize = 4096;
    diskSize = 8192;
  };

  # What the scripts install is built here, without network.
  system.includeBuildDependencies = true;
  system.extraDependencies = [ pkgs.bat pkgs.cowsay pkgs.figlet pkgs.hello pkgs.sl ];
  nix.nixPath = [ "nixpkgs=${pkgs.path}" "nixos-config=/etc/nixos/configuration.nix" ];
  nix.settings = {
    substituters = lib.mkForce [ ];
    hashed-mirrors = null;
    connect-timeout = 1;
  };
  environment.systemPackages = [
    pkgs.glib # gdbus
    pkgs.python3 # serves the page that is probed
  ];
  documentation.enable = false;
}
