"""The power of the booted machine is cut at every step of a change: all of it is there, or nothing.

The daemon is stopped at a moment and the machine killed, all its processes at once; then it boots
again from what its disk has. This shows that what is on the disk at each moment is enough for the
next daemon, after a boot, without anything that was below /run. It does not show that the disk has
what was written: the host keeps its cache of pages. That the journal's entries are synced before
the step that they tell of is tested with the journal itself.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.aftermath import Before, check_aftermath, look
from tests.faults.operations import GARBAGE, INSTALL, REMOVE, ROLL_BACK
from tests.faults.tally import injected
from tests.machine.booted import Booted
from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.operations import Operation

pytestmark = [
    pytest.mark.outlives("the module's machine is booted anew"),
    pytest.mark.timeout(120),
]
CONFIRM = replace(
    INSTALL,
    name="confirm-within",
    entries=("begin", "write", "test", "confirm", "confirmed", "default", "finish"),
    options={"confirm_within": 60},
)
OPERATIONS = (INSTALL, REMOVE, ROLL_BACK, GARBAGE, CONFIRM)
# What nobody has confirmed before the power is cut goes back; what was confirmed stays.
TOO_EARLY = {f"journal {entry} after" for entry in CONFIRM.entries[:4]}


def moments(operation: Operation) -> list[str]:
    """Return each step: its entry written, what it does begun, and once an entry that is torn."""
    entries = [f"journal {entry} after" for entry in operation.entries]
    begun = [other for other in operation.others if other.endswith("started")]
    return [f"journal {operation.entries[1]} torn", *entries, *begun]


EACH = [
    pytest.param(
        operation,
        operation,
        moment,
        id=f"{operation.name}: {moment}",
        marks=pytest.mark.xdist_group(operation.name),
    )
    for operation in OPERATIONS
    for moment in moments(operation)
]


@pytest.fixture(scope="module")
def booted(layers: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    """Boot one machine for all cuts of an operation, which is the parameter."""
    machine = Machine(layers, tmp_path_factory.mktemp("machine"))
    try:
        booted = Booted(machine)
        yield booted
        booted.alice.leave()
    finally:
        machine.crash()


def cut(booted: Booted, operation: Operation, moment: str) -> Before:
    """Cut the power at a moment of an operation; return what was there before it."""
    plan = booted.alice.plan(*operation.prepare(booted))
    before = look(booted, plan)
    booted.want(moment, "stop")
    asking = threading.Thread(target=booted.apply_and_confirm, args=(plan, operation.options))
    asking.start()
    booted.cut_power_in_time()
    asking.join()
    booted.alice.system("Status")  # starts the daemon, which has recovered when it answers
    return before


@pytest.mark.parametrize(("booted", "operation", "moment"), EACH, indirect=["booted"])
def test_a_machine_without_power_wakes_with_all_or_nothing(
    booted: Booted, operation: Operation, moment: str
) -> None:
    with injected(f"power cut: {operation.name}", moment):
        before = cut(booted, operation, moment)
        state = check_aftermath(booted, before, operation)
        if operation is CONFIRM and moment in TOO_EARLY:
            assert state in {"failed", ""}
