"""kill -9 of the activation's processes, and clocks that jump, while the daemon itself lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.aftermath import check_aftermath, look
from tests.faults.operations import GARBAGE, INSTALL, ROLL_BACK, UPDATE
from tests.faults.tally import injected

if TYPE_CHECKING:
    from tests.faults.doomed import Doomed
    from tests.faults.operations import Operation

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("struck"),
]
TEST = "switch-to-configuration test started"
BOOT = "switch-to-configuration boot started"
CHILDREN = [
    (INSTALL, TEST),
    (INSTALL, "nix-env --set started"),
    (INSTALL, BOOT),
    (ROLL_BACK, TEST),
    (ROLL_BACK, "nix-env --switch-generation started"),
    (ROLL_BACK, BOOT),
    (UPDATE, "nix-env --install started"),
    (UPDATE, BOOT),
    (GARBAGE, "nix-env --delete-generations started"),
    (GARBAGE, "nix-store --gc started"),
]
JUMPS = [
    (operation, f"journal {entry} before", how)
    for operation, entry in (
        (INSTALL, "begin"),
        (INSTALL, "test"),
        (INSTALL, "finish"),
        (GARBAGE, "garbage"),
    )
    for how in ("a year on", "a year back")
]


def strike(machine: Doomed, operation: Operation, moment: str, how: str) -> None:
    """Do something at a moment of an operation, and check what comes of it."""
    plan = machine.alice.plan(*operation.prepare(machine))
    before = look(machine, plan)
    if operation.knob:
        machine.sandbox.set_knob(operation.knob)
    machine.want(moment, how)
    machine.alice.until(machine.apply(plan))
    assert machine.has_come()
    machine.want_nothing()
    machine.clear_knobs()
    check_aftermath(machine, before, operation)


@pytest.mark.parametrize(
    ("operation", "moment"), CHILDREN, ids=[f"{item.name}: {moment}" for item, moment in CHILDREN]
)
def test_a_change_whose_activation_is_killed_is_put_back(
    machine: Doomed, operation: Operation, moment: str
) -> None:
    with injected("kill -9 of the activation", f"{operation.name}: {moment}"):
        strike(machine, operation, moment, "kill the child")


@pytest.mark.parametrize(
    ("operation", "moment", "how"),
    JUMPS,
    ids=[f"{item.name}: {at}, {how}" for item, at, how in JUMPS],
)
def test_a_clock_that_jumps_changes_nothing(
    machine: Doomed, operation: Operation, moment: str, how: str
) -> None:
    with injected("clock jumps", f"{operation.name}: {moment}, {how}"):
        strike(machine, operation, moment, how)
        # The daemon keeps the jumped clock; the next one has the right one again.
        machine.sandbox.stop_daemon()
        machine.start()


@pytest.mark.parametrize("how", ["a year on", "a year back"])
def test_a_clock_that_jumps_confirms_nothing_and_takes_nothing_back(
    machine: Doomed, how: str
) -> None:
    with injected("clock jumps", f"confirm-within: {how}"):
        plan = machine.alice.plan(*INSTALL.prepare(machine))
        before = look(machine, plan)
        machine.want("journal confirm after", how)
        path = machine.apply(plan, confirm_within=60)
        assert machine.alice.until(path, "confirming")["State"] == "confirming"
        assert machine.has_come()
        machine.sandbox.kill_daemon()
        machine.want_nothing()
        machine.start()
        assert machine.alice.transaction(path)["State"] == "confirming"
        machine.alice.cancel(path)
        machine.alice.until(path)
        check_aftermath(machine, before, INSTALL)
