"""kill -9 of the daemon at every moment of an operation: what was begun is finished or undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.aftermath import check_aftermath, check_next_change, look
from tests.faults.operations import (
    BOOT_FAILING,
    FAILING,
    GARBAGE,
    INSTALL,
    MEND,
    REMOVE,
    ROLL_BACK,
    SET_UP,
    UPDATE,
    Operation,
)
from tests.faults.tally import injected

if TYPE_CHECKING:
    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
]
OPERATIONS = (
    INSTALL,
    REMOVE,
    MEND,
    SET_UP,
    UPDATE,
    ROLL_BACK,
    FAILING,
    BOOT_FAILING,
    GARBAGE,
)
WHOLE = ("before", "after")
EACH = [
    pytest.param(
        operation.name,
        operation,
        moment,
        id=f"{operation.name}: {moment}",
        marks=pytest.mark.xdist_group(operation.name),
    )
    for operation in OPERATIONS
    for moment in operation.moments()
]


@pytest.mark.parametrize(
    ("doomed", "operation"),
    [
        pytest.param(item.name, item, id=item.name, marks=pytest.mark.xdist_group(item.name))
        for item in OPERATIONS
    ],
    indirect=["doomed"],
)
def test_every_entry_of_the_journal_is_among_the_moments(
    machine: Doomed, operation: Operation
) -> None:
    plan = machine.alice.plan(*operation.prepare(machine))
    if operation.knob:
        machine.sandbox.set_knob(operation.knob)
    machine.want("none of them")
    path = machine.apply(plan, **operation.options)
    ended = machine.alice.until(path)
    passed = set(machine.moments())
    journal = {f"journal {entry} {when}" for entry in operation.entries for when in WHOLE}
    assert {moment for moment in passed if moment.startswith("journal ")} == journal
    assert passed.issuperset(operation.others)
    machine.want_nothing()
    machine.clear_knobs()
    check_next_change(machine, path, operation, ended["State"])


@pytest.mark.parametrize(("doomed", "operation", "moment"), EACH, indirect=["doomed"])
def test_a_daemon_that_is_killed_leaves_all_or_nothing(
    machine: Doomed, operation: Operation, moment: str
) -> None:
    with injected(f"kill -9 of the daemon: {operation.name}", moment):
        plan = machine.alice.plan(*operation.prepare(machine))
        before = look(machine, plan)
        if operation.knob:
            machine.sandbox.set_knob(operation.knob)
        machine.want(moment)
        machine.apply(plan, **operation.options)
        machine.wait_for_death()
        machine.start()
        machine.alice.system("Status")  # it has recovered when it answers
        machine.clear_knobs()
        check_aftermath(machine, before, operation)
