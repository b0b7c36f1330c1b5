#!/bin/sh
# Fills an empty /nix with the channel, the packages that are built in advance and generation 1 of
# the system. Runs as root where /nix, /boot, /root and /etc/nixos are the template's own.
set -eu

nix-channel --add file:///var/lib/luminous-sandbox/channel/nixexprs.tar.xz nixos
nix-channel --update
nix-build --quiet --out-link /nix/var/nix/gcroots/luminous-sandbox /run/nixos/prebuilt.nix
system=$(nix-build --quiet --no-out-link '<nixpkgs/nixos>' --attr system)
nix-env --profile /nix/var/nix/profiles/system --set "$system"
"$system/bin/switch-to-configuration" boot
lists=/var/lib/luminous-sandbox/lists
mkdir -p "$lists"
options=$(nix-build --quiet --no-out-link '<nixpkgs/nixos>' --attr config.system.build.manual.optionsJSON)
cp "$options/share/doc/nixos/options.json" "$lists/"
nix-env --file '<nixpkgs>' --query --available --attr-path --json --meta >"$lists/packages.json"
rm -rf /root/.cache
