"""Free space and switch inhibitors: shown in the plan, and refused before anything is done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import rewritten, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

CACHE = "/var/lib/binary-cache"
# The sandbox keeps its packages by one link to a list of them.
FORGET = """
list=$(readlink -f /nix/var/nix/gcroots/luminous-sandbox)
rm /nix/var/nix/gcroots/luminous-sandbox && nix-store --delete "$list" "$0"
"""
REBUILD = {"kind": "rebuild", "action": "switch"}
LINE = '  time.timeZone = "Europe/Amsterdam";\n'
LATEST = f"{LINE}  boot.kernelPackages = pkgs.linuxPackages_latest;\n"
BROKER = f'{LINE}  services.dbus.implementation = "broker";\n'


def edited(sandbox: Sandbox, line: str) -> bytes:
    """Return configuration.nix with another line in the place of one."""
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    assert LINE in text
    return text.replace(LINE, line).encode()


@contextmanager
def small(sandbox: Sandbox, place: str, size: str) -> Iterator[None]:
    """Let a folder lie on a small disk, with what is in it."""
    script = (
        f"mount -t tmpfs -o size={size} tmpfs /mnt && cp -a {place}/. /mnt/ && "
        f"mount --move /mnt {place}"
    )
    done = sandbox.run(["sh", "-c", script], user="root")
    assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        assert sandbox.run(["umount", place], user="root").returncode == 0


@contextmanager
def full_store(sandbox: Sandbox) -> Iterator[None]:
    """Let the store lie on a disk that is full."""
    script = (
        "mount -t tmpfs -o size=64k tmpfs /mnt && mkdir /mnt/upper /mnt/work && "
        "mount -t overlay -o lowerdir=/nix/store,upperdir=/mnt/upper,workdir=/mnt/work "
        "overlay /nix/store && { head -c 400k /dev/zero > /mnt/upper/filler || true; }"
    )
    done = sandbox.run(["sh", "-c", script], user="root")
    assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        assert sandbox.run(["umount", "/nix/store"], user="root").returncode == 0
        assert sandbox.run(["umount", "/mnt"], user="root").returncode == 0


def test_a_kernel_for_which_the_boot_partition_has_no_room_is_refused(sandbox: Sandbox) -> None:
    with (
        small(sandbox, "/boot", "300k"),
        rewritten(sandbox, "configuration.nix", edited(sandbox, LATEST)),
    ):
        before = state_of(sandbox)
        (plan,) = ask(sandbox, "--dry-run", "rebuild").document["plans"]
        (room,) = [item for item in plan["space"] if item["path"] == "/boot"]
        assert room["needed"] > room["free"] > 0
        assert any("room" in warning and "/boot" in warning for warning in plan["warnings"])
        asked = ask(sandbox, "--yes", "rebuild")
        assert asked.document["error"]["name"] == "NoSpace", asked.document
        assert asked.document["error"]["details"]["path"] == "/boot"
        assert asked.code == 8
        assert state_of(sandbox) == before
    with rewritten(sandbox, "configuration.nix", edited(sandbox, LATEST)):
        (plan,) = ask(sandbox, "--dry-run", "rebuild").document["plans"]
        (room,) = [item for item in plan["space"] if item["path"] == "/boot"]
        assert 0 < room["needed"] == room["certain"] < room["free"], "it is built by now"


def test_a_full_store_is_told_of_with_both_figures(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--dry-run", "install figlet").code == 0  # so that nothing is written
    with full_store(sandbox):
        asked = ask(sandbox, "--dry-run", "install figlet")
        (plan,) = asked.document["plans"]
        (room,) = plan["space"]
        assert (room["path"], room["free"]) == ("/nix/store", 0)
        assert room["needed"] > 0 == room["certain"], "what is only built is a guess"
        assert plan["warnings"][0].startswith("There may be no room: about ")
        assert "0 B free" in plan["warnings"][0]
        shown = sandbox.run(["ask-nix", "--dry-run", "install figlet"]).stdout
        assert "of 0 B in /nix/store" in shown


def test_what_nixos_does_not_exchange_while_it_runs_waits_for_a_restart(sandbox: Sandbox) -> None:
    with rewritten(sandbox, "configuration.nix", edited(sandbox, BROKER)):
        before = state_of(sandbox)
        (plan,) = ask(sandbox, "--dry-run", "rebuild").document["plans"]
        assert plan["switch_inhibitors"] == [
            {"name": "dbus-implementation", "before": "dbus", "after": "broker"}
        ]
        assert plan["reboot_required"]
        assert "dbus-implementation goes from dbus to broker" in plan["reboot_reason"]
        asked = ask(sandbox, "--yes", "rebuild")
        assert asked.document["error"]["name"] == "SwitchInhibited"
        assert asked.code == 4
        with Client(sandbox) as alice:
            ended = alice.carry_out(REBUILD)
            assert ended["Result"]["error"] == "SwitchInhibited", ended
        assert state_of(sandbox) == before
        assert ask(sandbox, "--yes", "rebuild", "boot").code == 0
        comparison = ask(sandbox, "diff", "1", "2").document["comparison"]
        assert "dbus-implementation" in comparison["reboot_reason"]
        toplevel = state_of(sandbox).links["system-2-link"]
        refused = sandbox.run([f"{toplevel}/bin/switch-to-configuration", "test"], user="root")
        assert refused.returncode == 1
        assert "dbus-implementation : dbus -> broker" in refused.stderr
    assert state_of(sandbox).running == before.running
    assert ask(sandbox, "--yes", "rollback", "1").code == 0


def test_what_would_be_fetched_is_named_and_refused_where_it_does_not_fit(nix: NixVersion) -> None:
    # What the cache has is gone from the store, so that a plan fetches it and builds the rest.
    config = f"substituters = file://{CACHE}\nsubstitute = true\nrequire-sigs = false"
    with Sandbox(SandboxOptions(nix=nix, environment={"NIX_CONFIG": config})) as sandbox:
        built = sandbox.run(["nix-build", "<nixpkgs>", "-A", "figlet", "--no-out-link"])
        figlet = built.stdout.strip()
        copy = ["nix", "--extra-experimental-features", "nix-command", "copy"]
        for command in (
            [*copy, "--to", f"file://{CACHE}", figlet],
            ["sh", "-c", FORGET, figlet],
        ):
            done = sandbox.run(command, user="root")
            assert done.returncode == 0, done.stderr
        (plan,) = ask(sandbox, "--dry-run", "install figlet").document["plans"]
        closure, (room,) = plan["closure"], plan["space"]
        assert closure["fetched"] == ["figlet-2.2.5"]
        assert "figlet-2.2.5" not in closure["builds"]
        assert closure["fetches"] == 1
        assert closure["unpacked"] == room["certain"] > 0
        with full_store(sandbox):
            before = state_of(sandbox)
            asked = ask(sandbox, "--yes", "install figlet")
            assert asked.document["error"]["name"] == "NoSpace", asked.document
            assert asked.document["plans"][0]["warnings"][0].startswith("There is no room: ")
            assert state_of(sandbox) == before
        assert ask(sandbox, "--yes", "install figlet").code == 0
