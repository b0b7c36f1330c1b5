"""The Debian package, installed on a booted machine and removed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.machine.machine import Machine


def test_a_package_is_all_that_a_debian_needs_and_leaves_no_program_behind(
    machine: Machine,
) -> None:
    machine.start()
    machine.wait_for_unit("multi-user.target")
    machine.succeed("dpkg --install /opt/luminous.deb")
    machine.succeed("su - alice -c 'ask-nix --yes install hello'")
    pid = machine.succeed("systemctl show --value --property=MainPID luminousd").strip()
    machine.succeed("dpkg --remove luminous")
    machine.fail(f"test -e /proc/{pid}")
    machine.fail("command -v ask-nix luminousd")
    machine.succeed("test -s /var/lib/luminous/journal.jsonl")
