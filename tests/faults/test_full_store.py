"""A store that is full when a build begins, or while it goes on."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.services import NIX_SOCKET
from tests.faults.aftermath import check_aftermath, look
from tests.faults.tally import injected
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("disks"),
]
STORE = "/nix/store"
OWN_FILE_SYSTEM = """
mount -t tmpfs -o size=1g tmpfs /mnt && chown --reference=$0 /mnt && chmod --reference=$0 /mnt &&
cp -a $0/. /mnt/ && mount --move /mnt $0
"""
RESIZE = "mount -o remount,size=$1 $0"
LEAVE = "mount -o remount,size=$(($(df --output=used -k $0 | tail -n 1) + $1))k $0"


@pytest.fixture(scope="module")
def builder(doomed: Doomed) -> Iterator[Doomed]:
    """Give the machine's store a file system of its own, and a nix-daemon that knows of it."""
    sandbox = doomed.sandbox
    as_root(sandbox, OWN_FILE_SYSTEM)
    sandbox.path(NIX_SOCKET).unlink()
    with sandbox.popen(["nix-daemon"], user="root") as daemon:
        wait_until(sandbox.path(NIX_SOCKET).exists)
        yield doomed
        daemon.kill()


def as_root(sandbox: Sandbox, script: str, *words: str) -> None:
    """Run a script about the store."""
    done = sandbox.run(["sh", "-c", script, STORE, *words], user="root")
    assert done.returncode == 0, done.stderr


# Some of the derivations fit into 40 KiB: the rest finds no room.
@pytest.mark.parametrize("kib", ["0", "40"])
def test_a_store_that_becomes_full_is_named_and_nothing_is_changed(
    builder: Doomed, kib: str
) -> None:
    machine, sandbox = builder, builder.sandbox
    with injected("full disk", f"{STORE}, {kib} KiB left when the build begins"):
        # Of each case a value of its own: what is in the store already need not be built.
        name = {"kind": "set-option", "option": "networking.hostName", "value": f"full{kib}"}
        plan = machine.alice.plan(name, {"kind": "enable", "target": "bluetooth"})
        before = look(machine, plan)
        machine.want("journal begin after", "stop")
        with ThreadPoolExecutor(1) as other:
            path = other.submit(machine.apply, plan)
            wait_until(machine.has_come)
            as_root(sandbox, LEAVE, kib)
            os.kill(sandbox.daemon_pid, signal.SIGCONT)
            ended = machine.alice.until(path.result())
        as_root(sandbox, RESIZE, "1g")
        machine.want_nothing()
        assert (ended["State"], ended["Result"]["error"]) == ("failed", "BuildFailed"), ended
        assert "There may be no room" in ended["Result"]["message"], ended
        check_aftermath(machine, before)
