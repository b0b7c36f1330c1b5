"""A polkit that hangs: a change waits for it, and goes on when it answers."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.host import POLKITD
from tests.faults.aftermath import check_aftermath, look
from tests.faults.operations import INSTALL
from tests.faults.tally import injected

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("polkit"),
]
_HANG_SECONDS = 1.5


def polkitd(sandbox: Sandbox) -> int:
    """Return the host's number of the machine's polkitd."""
    namespace = Path(f"/proc/{sandbox.pid}/ns/pid").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "cmdline").read_bytes().split(b"\0")[0].decode()
            is_its = (process / "ns/pid").readlink() == namespace
        except OSError:
            continue
        if name == str(POLKITD) and is_its:
            return int(process.name)
    raise AssertionError("no polkitd")


def test_a_polkit_that_hangs_is_waited_for(machine: Doomed) -> None:
    with injected("polkit", "hangs"):
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before, pid = look(machine, plan), polkitd(machine.sandbox)
        os.kill(pid, signal.SIGSTOP)
        waking = threading.Timer(_HANG_SECONDS, os.kill, (pid, signal.SIGCONT))
        waking.start()
        path = machine.apply(plan)
        waking.join()
        assert machine.alice.until(path)["State"] == "done"
        check_aftermath(machine, before, INSTALL)
