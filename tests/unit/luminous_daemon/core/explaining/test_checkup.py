"""The check-up, the disk and what changed: what is found, how bad it is, and for whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.explaining import checkup
from luminous_daemon.core.explaining.changed import records_in, span_before, span_from, span_since
from luminous_daemon.core.explaining.checkup import Finding, Severity, check_up
from luminous_daemon.core.explaining.disk import DiskReport, report_disk
from luminous_daemon.core.explaining.sights import Folder, Fullness
from luminous_daemon.core.ports import Caller, Generation
from luminous_daemon.core.records import Record
from luminous_protocol.changes import CollectGarbage, UpdateInputs
from luminous_protocol.errors import EvaluationFailed, UnknownGeneration
from tests.unit.luminous_daemon.fake_world import START, Machine, make_machine, make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

GIB = 2**30
DAY = 86_400
ALICE, ROOT = Caller(":1.7", 1000, 1, "alice"), Caller(":1.1", 0, 1, "root")


def findings(machine: Machine) -> Sequence[Finding]:
    """Check a machine up."""
    world = make_world(machine)
    return asyncio.run(check_up(world, world.sights()))


def test_a_machine_without_trouble_has_no_findings() -> None:
    machine = make_machine()
    machine.running = machine.booted = machine.generations[machine.default]
    machine.sights.disks = (Fullness("/", 100 * GIB, 50 * GIB),)
    assert findings(machine) == ()


def test_failed_units_come_first_with_the_verb_that_explains_them() -> None:
    machine = make_machine()
    machine.failed_units[machine.running] = {"b.service", "a.service"}
    machine.now = START + 200 * DAY
    found = findings(machine)
    assert [item.command for item in found[:2]] == [
        "ask-nix unit a.service",
        "ask-nix unit b.service",
    ]
    assert {item.severity for item in found[:2]} == {Severity.CRITICAL}
    (old,) = [item for item in found if item.topic == "inputs"]
    assert (old.severity, old.changes) == (Severity.WARNING, (UpdateInputs(),))
    assert "200 days old" in old.text


def test_without_systemd_it_is_not_known_whether_units_have_failed() -> None:
    machine = make_machine()
    machine.sights.is_systemd_there = False
    (found,) = [item for item in findings(machine) if item.topic == "unit"]
    assert found.severity is Severity.UNKNOWN
    assert found.text == "Not known: services, because systemd does not answer."


def test_a_configuration_that_does_not_evaluate_is_told_with_what_explains_it() -> None:
    machine = make_machine()
    machine.trouble("evaluator.evaluate", EvaluationFailed("It cannot be evaluated."))
    (found,) = [item for item in findings(machine) if item.topic == "configuration"]
    assert found.severity is Severity.WARNING
    assert (found.text, found.command) == ("It cannot be evaluated.", "ask-nix explain-error")


def test_an_evaluation_that_takes_too_long_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = make_machine()
    machine.gates["evaluator.evaluate"] = asyncio.Event()
    monkeypatch.setattr(checkup, "_EVALUATION_SECONDS", 0)
    (found,) = [item for item in findings(machine) if item.topic == "configuration"]
    assert found.severity is Severity.UNKNOWN
    assert found.text.startswith("Not known: whether the configuration evaluates.")


@pytest.mark.parametrize(
    ("days", "severity"), [(29, None), (31, Severity.NOTE), (121, Severity.WARNING)]
)
def test_channels_grow_old_by_and_by(days: int, severity: Severity | None) -> None:
    machine = make_machine()
    machine.now = START + days * DAY
    found = [item.severity for item in findings(machine) if item.topic == "inputs"]
    assert found == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("free", "severity"),
    [(11 * GIB, None), (9 * GIB, Severity.WARNING), (2 * GIB, Severity.CRITICAL)],
)
def test_a_disk_is_the_worse_the_fuller_it_is(free: int, severity: Severity | None) -> None:
    machine = make_machine()
    machine.sights.disks = (Fullness("/", 100 * GIB, free),)
    found = [item.severity for item in findings(machine) if item.topic == "disk"]
    assert found == ([severity] if severity else [])


def test_a_boot_partition_without_room_for_a_kernel_is_told() -> None:
    machine = make_machine()
    machine.sights.disks = (Fullness("/boot", 5_000, 900),)
    (found,) = [item for item in findings(machine) if item.topic == "boot"]
    assert "a new kernel takes" in found.text


def test_a_file_that_cannot_be_read_and_an_older_default_are_told() -> None:
    machine = make_machine()
    machine.text = "{ mine = true; }"
    machine.running = machine.generations[min(machine.generations)]
    topics = {item.topic for item in findings(machine)}
    assert {"configuration", "system"} <= topics


def reported(machine: Machine, caller: Caller) -> DiskReport:
    """Report a machine's disks to somebody."""
    machine.sights.grown = (
        Folder("/home/alice", 5, "alice"),
        Folder("/home/bob", 70, "bob"),
        Folder("/home/carol", -1, "carol"),
        Folder("/var/lib/big", 100),
        Folder("/var/log/journal", 40),
        Folder("/var/lib/empty", 0),
    )
    world = make_world(machine)
    return asyncio.run(report_disk(world, world.sights(), caller))


def test_homes_of_others_are_a_sum_and_ones_own_has_its_name() -> None:
    mine, all_of_it = reported(make_machine(), ALICE), reported(make_machine(), ROOT)
    assert [item.path for item in mine.folders] == [
        "/var/lib/big",
        "/var/log/journal",
        "/home/alice",
    ]
    assert (mine.other_homes, mine.hidden_homes, mine.uncounted) == (70, 2, 1)
    assert mine.journal == 40
    assert "/home/bob" in [item.path for item in all_of_it.folders]
    assert (all_of_it.other_homes, all_of_it.hidden_homes) == (0, 0)


def test_what_can_be_freed_is_a_change_where_there_is_something() -> None:
    machine = make_machine()
    report = reported(machine, ALICE)
    assert report.changes == ((CollectGarbage(),) if report.deletable else ())
    assert report.generations == len(machine.generations)


GENERATIONS = [
    Generation(3, "/nix/store/c", 300, is_current=True, is_default=True),
    Generation(2, "/nix/store/b", 200),
    Generation(1, "/nix/store/a", 100),
]


@pytest.mark.parametrize(
    ("since", "before", "is_cut_short"),
    [(250, 2, False), (200, 2, False), (199, 1, False), (500, 3, False), (50, 1, True)],
)
def test_what_changed_since_a_time_begins_with_the_generation_of_then(
    since: int,
    before: int,
    is_cut_short: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    span = span_since(GENERATIONS, since)
    assert (span.before.number, span.after.number) == (before, 3)
    assert span.is_cut_short is is_cut_short


def test_what_changed_since_a_generation_begins_there() -> None:
    assert span_from(GENERATIONS, 1).before.number == 1
    assert span_before(GENERATIONS).before.number == 2
    assert span_before(GENERATIONS[:1]).before.number == 3
    with pytest.raises(UnknownGeneration, match="no generation 9"):
        span_from(GENERATIONS, 9)
    with pytest.raises(UnknownGeneration, match="no generation of the system profile"):
        span_since([replace(GENERATIONS[0], is_current=False)], 0)


def test_only_what_was_done_in_the_time_is_told_of() -> None:
    def record(identifier: str, finished: int, state: str = "done") -> Record:
        return Record(
            identifier,
            "s",
            "w",
            1000,
            "alice",
            finished - 1,
            (),
            finished=finished,
            state=state,
            generation=2,
        )

    records = [record("c", 260), record("b", 250, "failed"), record("a", 150)]
    assert [item.id for item in records_in(span_since(GENERATIONS, 200), records)] == ["c"]
