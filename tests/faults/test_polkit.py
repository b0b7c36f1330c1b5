"""A polkit that hangs or is absent, and clients that vanish: nobody else notices."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.host import POLKITD
from tests.faults.aftermath import check_aftermath, look
from tests.faults.doomed import INSIDE
from tests.faults.operations import INSTALL
from tests.faults.tally import injected
from tests.integration.bus_client import Client
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("polkit"),
]
_HANG_SECONDS = 1.5
STATES = ["authorising", "building", "activating", "confirming"]


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


@pytest.mark.parametrize("state", STATES)
def test_a_client_that_vanishes_leaves_all_or_nothing(machine: Doomed, state: str) -> None:
    with injected("a client that vanishes", state):
        sandbox = machine.sandbox
        changes = INSTALL.prepare(machine)
        sandbox.set_knob("slow-switch", "1 always")
        if state == "authorising":
            sandbox.set_agent("hang")
        with Client(sandbox) as leaving:
            seconds = 2 if state == "confirming" else 0
            plan = leaving.plan(*changes)
            before = look(machine, plan)
            path = leaving.apply(plan, confirm_within=seconds)
            leaving.until(path, state)
        # Whom polkit is to ask is gone then, which ends it without a word to cancel it.
        machine.alice.until(path)
        sandbox.set_agent("allow")
        machine.clear_knobs()
        check_aftermath(machine, before, INSTALL)


@pytest.fixture(scope="module")
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Keep the programs that stand in for others; they end with the module."""
    programs: list[subprocess.Popen[str]] = []
    yield programs
    for program in programs:
        program.kill()
        program.communicate()


def check_refused(machine: Doomed, plan: str) -> None:
    """Check that a change is refused by name, and that the daemon lives on."""
    ended = machine.alice.until(machine.apply(plan))
    assert (ended["State"], ended["Result"]["error"]) == ("failed", "NotAuthorized"), ended
    assert "polkit" in ended["Result"]["message"]
    assert machine.sandbox.daemon_is_running


def start_polkitd(machine: Doomed) -> subprocess.Popen[str]:
    """Start the real one again, with an agent for alice."""
    again = machine.sandbox.popen([str(POLKITD)], user="root")
    wait_until(lambda: _is_back(machine))
    # Its agent registers anew for a client that comes after it.
    machine.alice.leave()
    machine.alice = Client(machine.sandbox)
    machine.sandbox.set_agent("none")
    machine.sandbox.set_agent("allow")
    return again


@pytest.mark.parametrize("answer", ["an error", "a text", "too little", "nothing"])
def test_a_polkit_that_answers_wrongly_allows_nothing(
    machine: Doomed, started: list[subprocess.Popen[str]], answer: str
) -> None:
    with injected("polkit", f"answers {answer}"):
        sandbox = machine.sandbox
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before = look(machine, plan)
        os.kill(polkitd(sandbox), signal.SIGKILL)
        argv = [sys.executable, str(INSIDE / "polkit_stand_in.py"), answer]
        stand_in = sandbox.popen(argv, user="root")
        started.append(stand_in)
        assert stand_in.stdout
        assert stand_in.stdout.readline() == "ready\n"
        check_refused(machine, plan)
        stand_in.kill()
        stand_in.wait()
        started.append(start_polkitd(machine))
        check_aftermath(machine, before, INSTALL)


def test_without_polkit_nothing_is_allowed_and_it_is_said(
    machine: Doomed, started: list[subprocess.Popen[str]]
) -> None:
    with injected("polkit", "absent"):
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before = look(machine, plan)
        os.kill(polkitd(machine.sandbox), signal.SIGKILL)
        check_refused(machine, plan)
        started.append(start_polkitd(machine))
        check_aftermath(machine, before, INSTALL)


def _is_back(machine: Doomed) -> bool:
    asked = machine.sandbox.run(["pkcheck", "--version"], user="root")
    return asked.returncode == 0 and bool(machine.alice.system("Status")["current"])
