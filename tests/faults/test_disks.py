"""Disks that are full or read-only, before a change and in the middle of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.aftermath import check_aftermath, look
from tests.faults.operations import INSTALL
from tests.faults.tally import injected
from tests.integration.machine_state import processes, wait_until

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("disks"),
]
# A small file system with the same files in the folder's place, and not a byte free.
FULL = """
mount -t tmpfs -o size=200k tmpfs /mnt && chown --reference=$0 /mnt && cp -a $0/. /mnt/ &&
mount --move /mnt $0; head -c 400k /dev/zero >$0/filler; test -s $0/filler
"""
READ_ONLY = "mount --bind $0 $0 && mount -o remount,ro,bind $0"
STATE, CONFIGURATION = "/var/lib/luminous", "/etc/nixos"
PROFILES = "/nix/var/nix/profiles"
# On a full file system that is in memory there is always room for one more link of a profile.
FAULTS = [
    *(("full", place) for place in (STATE, CONFIGURATION, "/run/luminous")),
    *(("read-only", place) for place in (STATE, CONFIGURATION, "/run/luminous", PROFILES)),
]


def damage(sandbox: Sandbox, how: str, place: str) -> None:
    """Make a place full or read-only."""
    script = READ_ONLY if how == "read-only" else FULL
    done = sandbox.run(["sh", "-c", script, place], user="root")
    assert done.returncode == 0, done.stderr


def mend(sandbox: Sandbox, place: str) -> None:
    """Show what was there before; a daemon that has a file open there keeps nobody waiting."""
    assert sandbox.run(["umount", "--lazy", place], user="root").returncode == 0
    sandbox.run(["sh", "-c", "umount --lazy /mnt 2>/dev/null"], user="root")


@pytest.mark.parametrize(("how", "place"), FAULTS)
def test_a_disk_that_takes_nothing_is_named_and_nothing_is_changed(
    machine: Doomed, how: str, place: str
) -> None:
    sandbox = machine.sandbox
    with injected(f"{how} disk", f"{place}, before"):
        pid = sandbox.daemon_pid
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before = look(machine, plan)
        damage(sandbox, how, place)
        ended = machine.alice.until(machine.apply(plan))
        assert machine.alice.system("Status")["current"]
        mend(sandbox, place)
        if place != "/run/luminous":  # perhaps its few bytes fitted
            assert ended["State"] == "failed", ended
        if place in {STATE, CONFIGURATION}:
            reason = "Read-only file system" if how == "read-only" else "No space left on device"
            assert reason in ended["Result"]["message"], ended
        assert sandbox.daemon_pid == pid
        check_aftermath(machine, before, INSTALL)


@pytest.mark.parametrize("place", [STATE, PROFILES])
@pytest.mark.parametrize("how", ["read-only"])
def test_a_disk_that_takes_nothing_any_more_puts_the_machine_back(
    machine: Doomed, how: str, place: str
) -> None:
    sandbox = machine.sandbox
    with injected(f"{how} disk", f"{place}, in the middle"):
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before = look(machine, plan)
        sandbox.set_knob("slow-switch", "1 always")
        path = machine.apply(plan)
        wait_until(lambda: any(line == "test" for line in processes(sandbox)))
        damage(sandbox, how, place)
        machine.clear_knobs()
        ended = machine.alice.until(path)
        mend(sandbox, place)
        assert ended["State"] == "failed", ended
        # What could not be written while the disk was full is written with the next entry.
        check_aftermath(machine, before, INSTALL)
