"""The verbs that change: which plan they ask for, and whom they choose to undo."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from time import time
from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.cli.verbs.changes import last_undoable
from luminous_clients.cli.verbs.generations import end_of, number_before
from luminous_protocol.errors import NothingToDo, UnknownGeneration, UnknownObject
from tests.unit.luminous_clients.fake_bus import RESULT, TRANSACTION_PATH, intent, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

GENERATIONS = [
    {"number": 12, "current": False},
    {"number": 9, "current": True},
    {"number": 5, "current": False},
    {"number": 4, "current": False},
]


def rebuild(action: str) -> dict[str, object]:
    """Return the change."""
    return {"kind": "rebuild", "action": action}


def switch(generation: int) -> dict[str, object]:
    """Return the change."""
    return {"kind": "switch-generation", "generation": generation}


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("rebuild switch", rebuild("switch")),
        ("rebuild boot", rebuild("boot")),
        ("rollback", switch(0)),
        ("rollback 4", switch(4)),
    ],
)
def test_each_verb_is_a_plan_first(
    bus: FakeBus, ask: Ask, line: str, change: dict[str, object]
) -> None:
    bus.prepare_plan()
    bus.prepare_transaction()
    assert ask(*line.split(), "-y").code == 0
    assert bus.calls == [
        ("luminous1", "Plan", [change], {"words": line, "build": False}),
        ("p1", "Apply", change.get("action", "switch"), {"wait": False}),
        ("luminous1", "ListTransactions", {"limit": 8}),
    ]


def test_a_rebuild_without_more_is_a_switch(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    ask("rebuild", "--dry-run")
    assert bus.calls[0][2:] == ([rebuild("switch")], {"words": "rebuild switch", "build": False})


def test_an_option_says_when_a_rollback_begins(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    bus.prepare_transaction()
    ask("rollback", "4", "--boot", "-y")
    assert bus.calls[1] == ("p1", "Apply", "boot", {"wait": False})


def test_rebuild_build_says_what_was_built(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    bus.prepare_transaction()
    said = ask("rebuild", "build", "-y")
    assert said.out.endswith("Built /nix/store/abc-nixos-system. Nothing was activated.\n")


def test_garbage_collection_passes_its_limits_and_says_what_was_freed(
    bus: FakeBus, ask: Ask
) -> None:
    bus.prepare_plan(
        Action="org.luminous1.collect-garbage",
        Summary="delete 2 old generations",
        Generations=[3, 4],
        ConfigurationDiff="",
        Packages=[],
        Closure={"before": 1_048_576, "after": 0},
        Risk="high",
        Warnings=["They cannot be gone back to."],
    )
    bus.prepare_transaction(freed=1_610_612_736)
    said = ask("gc", "--older-than", "30d", "--keep", "3", "-y")
    assert bus.calls[0] == (
        "luminous1",
        "CollectGarbage",
        {"older-than-days": 30, "keep": 3, "words": "gc"},
    )
    assert said.out == (
        "Plan     delete 2 old generations\n"
        "Delete   3, 4\n"
        "Frees    1.0 MiB or more\n"
        "Risk     high\n"
        "Warning  They cannot be gone back to.\n"
        "Waiting for authorisation\n"
        "Done: delete 2 old generations. 1.5 GiB freed. "
        "Generation 12 is running and starts at boot.\n"
    )


def test_undo_takes_back_the_callers_last_change(bus: FakeBus, ask: Ask) -> None:
    own = {"id": "t5", "caller": os.getuid(), "user": "root", "undoable": True, "started": 0}
    bus.answers["ListTransactions"] = ([own | {"summary": "install hello"}],)
    bus.prepare_plan(Summary="remove hello")
    bus.prepare_transaction()
    said = ask("undo", "-y")
    assert said.out.startswith(
        "Taking back: install hello (root, -)\nPlan           remove hello\n"
    )
    assert bus.members() == ["ListTransactions", "Undo", "Apply", "ListTransactions"]
    assert bus.calls[1] == ("t5", "Undo")


def test_undo_of_a_named_change_asks_for_no_list(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    ask("undo", "/org/luminous1/transaction/t9", "--dry-run")
    assert bus.calls == [("t9", "Undo"), ("p1", "Discard")]


def test_words_can_undo_and_go_back_several(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("rollback", steps="2"))
    bus.answers["ListGenerations"] = (GENERATIONS,)
    bus.prepare_plan()
    ask("go back two generations", "--dry-run")
    assert bus.calls[2][2] == [{"kind": "switch-generation", "generation": 4}]
    assert bus.calls[2][3]["words"] == "go back two generations"
    bus.calls.clear()
    bus.recognise(intent("rollback", undo="true"))
    bus.answers["ListTransactions"] = ([{"id": "t1", "caller": os.getuid(), "undoable": True}],)
    bus.prepare_plan()
    ask("undo that", "--dry-run")
    assert bus.members() == ["Recognise", "ListTransactions", "Undo", "Discard"]


def test_undo_chooses_ones_own_before_somebody_elses() -> None:
    listed = [
        {"id": "d", "caller": 1, "undoable": False},
        {"id": "c", "caller": 2, "undoable": True},
        {"id": "b", "caller": 1, "undoable": True},
        {"id": "a", "caller": 1, "undoable": True},
    ]
    assert last_undoable(listed, 1)["id"] == "b"
    assert last_undoable(listed, 1, skipping=1)["id"] == "a"
    assert last_undoable(listed, 0)["id"] == "c"
    with pytest.raises(NothingToDo, match="To take that back: ask-nix undo c"):
        last_undoable(listed, 3)
    with pytest.raises(NothingToDo, match="left to take back"):
        last_undoable(listed[:1], 1)
    with pytest.raises(NothingToDo, match="left to take back"):
        last_undoable(listed, 1, skipping=2)


def test_an_undo_says_which_repairs_it_leaves_as_they_are(bus: FakeBus, ask: Ask) -> None:
    own = {"caller": os.getuid(), "user": "root", "state": "done", "started": 0}
    repair = {"summary": "rename htpo to htop", "undoable": False}
    changes = [{"kind": "repair-file"}]
    bus.answers["ListTransactions"] = (
        [
            own | repair | {"id": "t4", "changes": changes},
            own | repair | {"id": "t3", "changes": changes, "state": "failed"},
            own | {"id": "t2", "undoable": False, "changes": [{"kind": "collect-garbage"}]},
            own | {"id": "t1", "undoable": True, "summary": "install hello"},
            own | repair | {"id": "t0", "changes": changes},
        ],
    )
    bus.prepare_plan(Summary="remove hello")
    said = ask("undo", "--dry-run")
    assert said.out.startswith(
        "Left as it is: rename htpo to htop (a repair, before which the configuration made no "
        "system. To take it back all the same: ask-nix undo t4)\nTaking back: install hello"
    )
    assert bus.calls[1] == ("t1", "Undo")


def test_where_nothing_but_a_repair_is_left_an_undo_names_it(bus: FakeBus, ask: Ask) -> None:
    repair = {
        "id": "t1",
        "caller": os.getuid(),
        "state": "done",
        "summary": "allow words-1.0",
        "undoable": False,
        "changes": [{"kind": "allow-package"}],
    }
    back = {**repair, "id": "t2", "undoes": "t1", "summary": "stop allowing words-1.0"}
    bus.answers["ListTransactions"] = ([repair],)
    said = ask("undo")
    assert "Left as it is: allow words-1.0 (a repair" in said.out
    assert "ask-nix undo t1)" in said.out
    bus.answers["ListTransactions"] = ([back, repair],)
    assert "Left as it is" not in ask("undo").out


def test_undo_goes_further_back_each_time() -> None:
    listed = [
        {"id": "d", "caller": 1, "undoable": True, "state": "done", "undoes": "c"},
        {"id": "c", "caller": 1, "undoable": True, "state": "done", "undoes": ""},
        {"id": "b", "caller": 1, "undoable": True, "state": "done", "undoes": ""},
    ]
    assert last_undoable(listed, 1)["id"] == "b"
    listed[0]["state"] = "failed"
    assert last_undoable(listed, 1)["id"] == "c"


def test_what_was_taken_back_is_brought_again_by_its_own_id(bus: FakeBus, ask: Ask) -> None:
    mine = {"id": "t1", "path": TRANSACTION_PATH, "undoable": True, "undoes": "t0"}
    bus.answers["ListTransactions"] = ([mine],)
    bus.prepare_plan()
    bus.prepare_transaction()
    assert ask("undo", "t0", "-y").out.endswith(" Take it back with: ask-nix undo t1\n")


def test_several_changes_are_taken_back_one_after_the_other(bus: FakeBus, ask: Ask) -> None:
    mine = {"caller": os.getuid(), "undoable": True, "started": 0}
    bus.answers["ListTransactions"] = ([mine | {"id": "t2"}, mine | {"id": "t1"}],)
    bus.recognise(intent("rollback", undo="true", steps="2"))
    bus.prepare_plan()
    bus.prepare_plan()
    assert ask("undo the last two changes", "--dry-run").code == 0
    assert [call for call in bus.calls if call[1] == "Undo"] == [("t2", "Undo"), ("t1", "Undo")]


def test_a_day_is_the_newest_generation_of_its_end(bus: FakeBus, ask: Ask) -> None:
    old = datetime.now().astimezone() - timedelta(days=3)
    made = [{"number": 9, "date": time(), "current": True}]
    made += [{"number": n, "date": old.timestamp() - n, "current": False} for n in (8, 7)]
    bus.recognise(intent("rollback", when="yesterday"))
    bus.answers["ListGenerations"] = (made,)
    bus.prepare_plan()
    ask("roll back to yesterday", "--dry-run")
    assert bus.calls[2][2] == [{"kind": "switch-generation", "generation": 8}]
    bus.answers["ListGenerations"] = (made[:1],)
    said = ask("roll back to yesterday", "--dry-run")
    assert said.code == ExitCode.REFUSED
    assert "No generation is left from yesterday or before" in said.err


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("yesterday", "2026-11-21"),
        ("friday", "2026-11-21"),
        ("saturday", "2026-11-15"),
        ("monday", "2026-11-17"),
        ("last week", "2026-11-16"),
        ("last month", "2026-11-01"),
    ],
)
def test_a_day_ends_at_midnight(day: str, end: str) -> None:
    saturday = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert end_of(day, saturday).isoformat() == f"{end}T00:00:00+00:00"


@pytest.mark.parametrize(
    ("verb", "member"), [("undo", "Undo"), ("confirm", "Confirm"), ("cancel", "Cancel")]
)
def test_a_change_that_is_unknown_is_said_in_words(
    bus: FakeBus, ask: Ask, verb: str, member: str
) -> None:
    bus.answers[member] = UnknownObject("No object '/org/luminous1/transaction/t77' here.")
    said = ask(verb, "t77", "--json").document()
    assert said["error"]["message"] == (
        "There is no change t77. Changes and their IDs: ask-nix history"
    )
    assert said["exit_code"] == ExitCode.REFUSED


def test_steps_back_are_counted_among_the_generations_that_exist() -> None:
    assert number_before(GENERATIONS, 1) == 5
    assert number_before(GENERATIONS, 2) == 4
    with pytest.raises(UnknownGeneration, match="there are only 2 before it"):
        number_before(GENERATIONS, 3)
    with pytest.raises(UnknownGeneration, match="no generation of the system profile"):
        number_before([{"number": 1, "current": False}], 1)


def test_confirm_and_cancel_find_the_change_under_way(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = ({"transaction": "/org/luminous1/transaction/t3"},)
    assert ask("confirm") == (0, "Confirmed: the new system is kept.\n", "")
    assert ask("cancel", "t4") == (0, "Cancelled.\n", "")
    assert bus.calls == [("luminous1", "Status"), ("t3", "Confirm"), ("t4", "Cancel")]


def test_nothing_under_way_is_nothing_to_cancel(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = ({"transaction": ""},)
    assert ask("cancel") == (0, "No change is being made now.\n", "")


def test_confirming_what_does_not_wait_for_it_is_no_success(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = ({"transaction": ""},)
    said = ask("confirm")
    assert said.code == ExitCode.REFUSED
    assert "What was not confirmed in time was put back" in said.err


@pytest.mark.parametrize("line", ["rebuild build", "rebuild boot", "rollback 4 --boot"])
def test_a_time_limit_where_nothing_is_activated_is_refused(
    bus: FakeBus, ask: Ask, line: str
) -> None:
    said = ask(*line.split(), "--confirm-within", "60", "-y")
    assert said.code == ExitCode.USAGE
    assert bus.calls == []


def test_what_has_waited_for_another_change_is_planned_anew(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    bus.prepare_transaction(state("waiting"), state="failed", error="Drifted", message="It has.")
    first = bus.events.copy()
    bus.events.clear()
    bus.prepare_plan()
    bus.prepare_transaction()
    second = bus.events.copy()
    bus.events[:] = [*first, *second]

    def begins(*_: object) -> tuple[str]:
        bus.objects[TRANSACTION_PATH] = {"State": "authorising"}
        return (TRANSACTION_PATH,)

    bus.answers["Apply"] = begins
    said = ask("rebuild", "--wait", "-y")
    assert said.code == ExitCode.DONE
    assert "\nAnother change came first. Planning again.\n" in said.out
    assert bus.members() == ["Plan", "Apply", "Plan", "Apply", "ListTransactions"]


def test_a_change_with_a_time_limit_says_where_to_confirm_it(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan()
    bus.prepare_transaction(
        state("activating"),
        state("confirming"),
        state="failed",
        error="Unconfirmed",
        message="Nobody confirmed in time.",
        running=11,
        default=11,
        **{"put-back": True},
    )
    said = ask("rebuild", "--confirm-within", "5", "-y")
    assert "Keep it with: ask-nix confirm · otherwise it is put back in time.\n" in said.out
    assert said.code == ExitCode.ACTIVATION_FAILED
    assert RESULT["put-back"] is False
