"""kill -9 of the daemon before, in and after the wait for a confirmation."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import TRANSACTION
from tests.faults.aftermath import Before, check_aftermath, look
from tests.faults.operations import INSTALL
from tests.faults.tally import injected
from tests.integration.bus_client import Refused
from tests.integration.machine_state import running_system

if TYPE_CHECKING:
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("confirming"),
]
GROUP = "kill -9 of the daemon: confirm-within"
LONG, SHORT = 120, 3
CONFIRM = replace(INSTALL, name="confirm-within")
TOO_EARLY = [
    *(f"journal {entry} torn" for entry in ("begin", "write", "test")),
    *(f"journal {entry} after" for entry in ("begin", "write", "test")),
    *(f"switch-to-configuration test {when}" for when in ("started", "after")),
    "journal confirm before",
    "journal confirm torn",
]
CONFIRMED = [
    "journal confirmed after",
    *(f"journal default {when}" for when in ("before", "torn", "after")),
    *(f"nix-env --set {when}" for when in ("before", "started", "after")),
    *(f"switch-to-configuration boot {when}" for when in ("before", "started", "after")),
    *(f"journal finish {when}" for when in ("before", "torn", "after")),
]


def begin(machine: Doomed, moment: str, seconds: int = LONG) -> tuple[Before, str]:
    """Apply a change that is to be confirmed, with a daemon that ends at a moment."""
    plan = machine.alice.plan(*CONFIRM.prepare(machine))
    before = look(machine, plan)
    machine.want(moment)
    return before, machine.apply(plan, confirm_within=seconds)


def die_waiting(machine: Doomed, seconds: int = LONG) -> tuple[Before, str]:
    """Let a daemon be killed while it waits to hear; return the transaction too."""
    before, path = begin(machine, "none", seconds)
    assert machine.alice.until(path, "confirming")["State"] == "confirming"
    machine.sandbox.kill_daemon()
    machine.want_nothing()
    return before, path


def confirm(machine: Doomed, path: str) -> None:
    """Confirm; the daemon may end before it answers."""
    try:
        machine.alice.send(path, (TRANSACTION, "Confirm"))
    except Refused as error:
        if error.name not in {"NoReply", "Disconnected"}:
            raise


@pytest.mark.parametrize("moment", TOO_EARLY)
def test_what_does_not_wait_yet_is_put_back(machine: Doomed, moment: str) -> None:
    with injected(GROUP, moment):
        before, _ = begin(machine, moment)
        machine.wait_for_death()
        machine.start()
        assert check_aftermath(machine, before, CONFIRM) in {"failed", ""}


@pytest.mark.parametrize("answer", ["Confirm", "Cancel", "nothing"])
def test_a_change_waits_on_when_the_daemon_comes_back_in_time(machine: Doomed, answer: str) -> None:
    with injected(GROUP, f"waiting, then {answer}"):
        before, path = die_waiting(machine, SHORT if answer == "nothing" else LONG)
        machine.start()
        if answer != "nothing":
            told = machine.alice.transaction(path)
            assert (told["State"], told["Caller"]) == ("confirming", 1000)
            assert machine.alice.system("Status")["transaction"] == path
            with pytest.raises(Refused, match="Busy"):
                machine.alice.apply(machine.alice.plan({"kind": "add-package", "package": "bat"}))
            machine.alice.send(path, (TRANSACTION, answer))
        ended = machine.alice.until(path)
        expected = {
            "Confirm": ("done", ""),
            "Cancel": ("failed", "Cancelled"),
            "nothing": ("failed", "Unconfirmed"),
        }[answer]
        # One that is cancelled while it waits ends as the state machine says.
        assert (ended["State"].replace("cancelled", "failed"), ended["Result"]["error"]) == expected
        check_aftermath(machine, before, CONFIRM)


def test_past_its_time_a_change_is_put_back_at_the_start(machine: Doomed) -> None:
    with injected(GROUP, "started too late"):
        before, path = die_waiting(machine, 1)
        assert running_system(machine.sandbox) != before.state.running
        time.sleep(1)
        machine.start()
        assert machine.alice.until(path)["State"] == "failed"
        check_aftermath(machine, before, CONFIRM)


@pytest.mark.parametrize("when", ["before", "torn"])
def test_a_confirmation_that_is_not_on_disk_was_none(machine: Doomed, when: str) -> None:
    with injected(GROUP, f"journal confirmed {when}"):
        before, path = begin(machine, f"journal confirmed {when}")
        machine.alice.until(path, "confirming")
        confirm(machine, path)
        machine.wait_for_death()
        machine.start()
        assert machine.alice.transaction(path)["State"] == "confirming"
        machine.alice.send(path, (TRANSACTION, "Confirm"))
        assert machine.alice.until(path)["State"] == "done"
        check_aftermath(machine, before, CONFIRM)


@pytest.mark.parametrize("moment", CONFIRMED)
def test_what_was_confirmed_stays(machine: Doomed, moment: str) -> None:
    with injected(GROUP, moment):
        before, path = begin(machine, moment)
        machine.alice.until(path, "confirming")
        confirm(machine, path)
        machine.wait_for_death()
        machine.start()
        assert machine.alice.until(path)["State"] == "done"
        assert check_aftermath(machine, before, CONFIRM) == "done"
