"""kill -9 of the daemon while it recovers from a kill: the next start recovers from both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.aftermath import check_aftermath, look
from tests.faults.operations import INSTALL, UPDATE
from tests.faults.tally import injected

if TYPE_CHECKING:
    from tests.faults.doomed import Doomed
    from tests.faults.operations import Operation

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("killed again"),
]

_TEST = "switch-to-configuration test"
_BOOT = "switch-to-configuration boot"
GOING_BACK = [
    *(f"journal back {when}" for when in ("before", "torn", "after")),
    *(f"journal finish {when}" for when in ("before", "torn", "after")),
    *(f"{_TEST} {when}" for when in ("before", "started", "after")),
    "file luminous.nix before",
    "file luminous.nix after",
]
FINISHING = [
    *(f"nix-env --set {when}" for when in ("before", "started", "after")),
    *(f"{_BOOT} {when}" for when in ("before", "started", "after")),
    *(f"journal finish {when}" for when in ("before", "torn", "after")),
]
# The boot menu fails for a system that it does not have yet: each moment takes another package.
FAILING_TO_FINISH = {
    "journal back before": "figlet",
    "journal back after": "bat",
    "nix-env --switch-generation after": "btop",
    "nix-env --delete-generations before": "helix",
    "nix-env --delete-generations after": "gh",
    f"{_TEST} before": "fd",
    f"{_TEST} after": "jq",
    "file luminous.nix after": "delta",
}


def kill_twice(machine: Doomed, operation: Operation, moments: tuple[str, str], knob: str) -> str:
    """Kill the daemon at one moment of an operation, and its successor at another."""
    plan = machine.alice.plan(*operation.prepare(machine))
    before = look(machine, plan)
    machine.want(moments[0])
    machine.apply(plan)
    machine.wait_for_death()
    if knob:
        machine.sandbox.set_knob(knob)
    machine.want(moments[1])
    machine.start_to_die()
    machine.wait_for_death()
    machine.start()
    machine.alice.system("Status")  # it has recovered when it answers
    machine.clear_knobs()
    return check_aftermath(machine, before, operation)


@pytest.mark.parametrize("moment", GOING_BACK)
def test_a_daemon_that_is_killed_while_it_puts_back_puts_back(machine: Doomed, moment: str) -> None:
    with injected("kill -9 of the daemon: recovery", moment):
        assert kill_twice(machine, INSTALL, (f"{_TEST} after", moment), "") == "failed"


@pytest.mark.parametrize("moment", ["nix-env --switch-generation started", "journal finish before"])
def test_inputs_are_put_back_however_often_that_is_cut_short(machine: Doomed, moment: str) -> None:
    with injected("kill -9 of the daemon: recovery", f"inputs, {moment}"):
        assert kill_twice(machine, UPDATE, ("journal test after", moment), "") == "failed"


@pytest.mark.parametrize("moment", FINISHING)
def test_a_daemon_that_is_killed_while_it_finishes_finishes(machine: Doomed, moment: str) -> None:
    with injected("kill -9 of the daemon: recovery", moment):
        assert kill_twice(machine, INSTALL, ("journal default after", moment), "") == "done"


@pytest.mark.parametrize("moment", FAILING_TO_FINISH)
def test_what_has_begun_to_go_back_is_not_finished_by_the_next_daemon(
    machine: Doomed, moment: str
) -> None:
    with injected("kill -9 of the daemon: recovery", f"the boot menu fails, {moment}"):
        change = {"kind": "add-package", "package": FAILING_TO_FINISH[moment]}
        operation = replace(INSTALL, prepare=lambda _: [change])
        moments = (f"{_BOOT} before", moment)
        assert kill_twice(machine, operation, moments, "boot-fails") == "failed"
