"""A configuration that is a flake, under the restrictions of the shipped unit."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.machine.machine import Machine

CHANNEL = "/nix/var/nix/profiles/per-user/root/channels/nixos"
FLAKE = """{
  inputs.nixpkgs.url = "path:@nixpkgs@";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.machine = nixpkgs.lib.nixosSystem {
      system = builtins.currentSystem;
      modules = [ ./configuration.nix ];
    };
  };
}"""


def test_a_flake_is_changed_and_taken_back_under_the_unit(machine: Machine) -> None:
    machine.start()
    machine.wait_for_unit("multi-user.target")
    nixpkgs = machine.succeed(f"readlink -f {CHANNEL}").strip()
    flake = shlex.quote(FLAKE.replace("@nixpkgs@", nixpkgs))
    machine.succeed(
        f"printf %s {flake} >/etc/nixos/flake.nix; chown alice:users /etc/nixos/flake.nix",
        'su - alice -c \'nix --extra-experimental-features "nix-command flakes"'
        " flake lock path:/etc/nixos'",
        "mkdir -p /etc/luminous",
        "echo 'flake = \"/etc/nixos#machine\"' >/etc/luminous/luminous.toml",
    )
    assert "Done" in machine.succeed("su - alice -c 'ask-nix --yes install hello'")
    machine.succeed("/run/current-system/sw/bin/hello")
    assert "/etc/nixos#machine" in machine.succeed("su - alice -c 'ask-nix --json status'")
    machine.succeed("su - alice -c 'ask-nix --yes undo'")
    machine.fail("test -e /run/current-system/sw/bin/hello")
    # What Nix fetches for the owner goes there, as homes are read-only for the daemon.
    assert machine.succeed("stat --format=%U /var/cache/luminous/alice").strip() == "alice"
