"""Auditing: nothing is done that is not on record, and the record tells it as it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.core import auditing, permission
from luminous_daemon.core.ports import Caller
from luminous_daemon.core.records import Record
from luminous_protocol.changes import AddPackage, SetOption
from luminous_protocol.errors import (
    Dismissed,
    LuminousError,
    NoAgent,
    NotAuthorized,
    StorageFailed,
)
from luminous_protocol.transaction import TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, cut_short
from tests.unit.luminous_daemon.fake_audit import FakeAudit
from tests.unit.luminous_daemon.fake_world import ALICE, BOB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.transactions import Transaction
    from luminous_protocol.changes import Change

HELLO = AddPackage("hello")
DENIED = NotAuthorized("polkit does not allow alice to do this.")
SILENT = NotAuthorized("polkit cannot be asked.", {"cause": auditing.NOT_ASKED})


def record_of(bench: Bench) -> FakeAudit:
    """Return what is on record."""
    assert isinstance(bench.world.audit, FakeAudit)
    return bench.world.audit


def applied(bench: Bench, change: Change = HELLO) -> Transaction:
    """Plan and carry out an installation."""

    async def steps() -> Transaction:
        words = "install hello, please"
        transaction = bench.transaction(await bench.plan(change, words=words))
        await bench.executor.run(transaction)
        return transaction

    return asyncio.run(steps())


def test_a_change_is_on_record_from_the_asking_to_the_end() -> None:
    bench = Bench()
    transaction = applied(bench)
    asked, decided, ended = record_of(bench).written
    about = {
        "transaction": "t1",
        "plan": transaction.prepared.plan.id,
        "uid": 1000,
        "user": "alice",
    }
    assert asked == about | {
        "event": "asked",
        "program": "",
        "pid": ALICE.pid,
        "words": "install hello, please",
        "changes": [{"kind": "add-package", "package": "hello"}],
        "summary": transaction.prepared.plan.summary,
        "risk": "low",
        "action": "org.luminous1.change-packages",
        "mode": "switch",
    }
    assert decided == about | {
        "event": "decided",
        "by": "polkit",
        "action": "org.luminous1.change-packages",
        "decision": "allowed",
        "asked_person": True,
    }
    assert ended == about | {
        "event": "ended",
        "state": "done",
        "error": "",
        "message": transaction.result.message,
        "generation": 3,
        "toplevel": bench.machine.running,
    }


@pytest.mark.parametrize(
    ("refusal", "decision"),
    [
        (DENIED, "denied"),
        (Dismissed("The question was closed."), "dismissed"),
        (NoAgent("Nobody could be asked."), "no-agent"),
        (SILENT, "error"),
    ],
)
def test_a_refusal_is_on_record_with_its_kind(refusal: LuminousError, decision: str) -> None:
    bench = Bench()
    bench.machine.trouble("authority.require", refusal)
    assert applied(bench).state is TransactionState.FAILED
    entries = record_of(bench).written
    assert [entry["event"] for entry in entries] == ["asked", "decided", "ended"]
    assert entries[1]["decision"] == decision
    assert (entries[2]["state"], entries[2]["error"]) == ("failed", refusal.name)


def test_a_question_that_is_taken_back_is_on_record_as_that() -> None:
    bench = Bench()

    async def steps() -> None:
        bench.machine.gates["authority.require"] = asyncio.Event()
        transaction = bench.transaction(await bench.plan(HELLO))
        task = asyncio.ensure_future(bench.executor.run(transaction))
        while not transaction.is_asking:
            await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(steps())
    assert [entry.get("decision") for entry in record_of(bench).written] == [
        None,
        "cancelled",
        None,
    ]
    assert record_of(bench).written[-1]["state"] == "cancelled"


@pytest.mark.parametrize("event", ["asked", "decided"])
def test_what_cannot_be_recorded_is_not_done(event: str) -> None:
    bench = Bench()
    before = bench.machine.state()
    record_of(bench).full_at = {event}
    transaction = applied(bench)
    assert (transaction.state, transaction.result.error) == (
        TransactionState.FAILED,
        "StorageFailed",
    )
    assert bench.machine.state() == before
    assert "journal.begin" not in bench.machine.calls
    is_asked = "authority.require" in bench.machine.calls
    assert is_asked == (event == "decided"), "nobody is asked for what is not on record"


def test_an_end_that_cannot_be_recorded_is_recorded_later_and_the_change_stands() -> None:
    bench = Bench()
    record_of(bench).full_at = {"ended"}
    assert applied(bench).state is TransactionState.DONE
    assert record_of(bench).events() == ["asked", "decided"]
    record_of(bench).full_at = set()
    applied(bench, AddPackage("jq"))
    assert record_of(bench).events()[:4] == ["asked", "decided", "ended", "asked"]


def test_what_could_not_be_planned_was_never_asked_of_polkit_and_is_not_on_record() -> None:
    bench = Bench()

    async def steps() -> None:
        async def prepare() -> Any:  # noqa: ANN401 - it always raises
            raise StorageFailed("full")

        transaction = bench.transaction(await bench.plan(HELLO))
        await bench.executor.run(transaction, prepare)

    asyncio.run(steps())
    assert record_of(bench).events() == []


def test_no_secret_is_on_record() -> None:
    bench = Bench()
    option = SetOption("users.users.bob.password", "hunter2")

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO, words="give bob hunter2 and hello")
        plan = replace(prepared.plan, changes=(option,), summary="set it to hunter2")
        return bench.transaction(replace(prepared, plan=plan))

    transaction = asyncio.run(steps())
    transaction.result = replace(transaction.result, message="hunter2 is no password")
    for entry in (auditing.asked(transaction), auditing.ended(transaction)):
        assert "hunter2" not in str(entry), entry


def test_an_enormous_value_is_on_record_by_its_hash() -> None:
    bench = Bench()

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO)
        big = (SetOption("environment.etc.x.text", "y" * 9000),) * 3
        return bench.transaction(replace(prepared, plan=replace(prepared.plan, changes=big)))

    change, *_ = auditing.asked(asyncio.run(steps()))["changes"]
    assert set(change) == {"kind", "option", "sha256"}
    assert (change["kind"], change["option"]) == ("set-option", "environment.etc.x.text")


def interfered(bench: Bench, caller: Caller) -> Mapping[str, Any] | None:
    """Have somebody cancel alice's change; return what is on record of that."""

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(HELLO))
        await permission.interfere(bench.world, transaction, caller, "cancel")

    asyncio.run(steps())
    return record_of(bench).written[-1] if record_of(bench).written else None


def test_interfering_with_somebody_elses_change_is_on_record() -> None:
    entry = interfered(Bench(), BOB)
    assert entry
    told = ("event", "deed", "uid", "owner", "action", "decision", "by")
    assert [entry[key] for key in told] == [
        "managed",
        "cancel",
        1001,
        1000,
        "org.luminous1.manage-others",
        "allowed",
        "polkit",
    ]
    by_root = interfered(Bench(), Caller(":1.1", 0, 1, "root"))
    assert by_root
    assert (by_root["uid"], by_root["by"]) == (0, "root")
    assert interfered(Bench(), ALICE) is None


def test_nobody_interferes_without_a_yes_or_without_a_record() -> None:
    bench = Bench()
    bench.machine.trouble("authority.require", DENIED)
    with pytest.raises(NotAuthorized):
        interfered(bench, BOB)
    assert record_of(bench).written[-1]["decision"] == "denied"
    record_of(bench).full_at = {"managed"}
    with pytest.raises(StorageFailed):
        interfered(bench, BOB)


def test_what_a_daemon_has_not_lived_to_record_is_recorded_at_the_next_start() -> None:
    bench = Bench()

    async def planned() -> Transaction:
        return bench.transaction(await bench.plan(HELLO))

    transaction = asyncio.run(planned())
    bench.machine.calls.clear()
    bench.machine.cut_before = 4
    cut_short(bench, transaction)
    audit = record_of(bench)
    assert audit.events()[0] == "asked"
    assert audit.unended()
    for recovered in asyncio.run(bench.start_again()):
        audit.record_late(auditing.recovered(recovered))
    auditing.close_unended(audit, bench.journal)
    assert audit.unended() == []
    end = audit.written[-1]
    assert (end["transaction"], end["uid"], end["state"]) == ("t1", 1000, "failed")
    assert end["error"] == "Interrupted"


def test_a_transaction_that_ended_without_a_record_of_it_gets_one_from_the_journal() -> None:
    bench = Bench()
    record_of(bench).full_at = {"ended"}
    applied(bench)
    audit = record_of(bench)
    audit.full_at = set()
    audit.pending.clear()  # the daemon has ended
    auditing.close_unended(audit, bench.journal)
    end = audit.written[-1]
    assert (end["event"], end["state"], end["late"], end["generation"]) == (
        "ended",
        "done",
        True,
        3,
    )
    assert end["plan"] == audit.written[0]["plan"]


def test_a_recovery_is_on_record_with_what_came_of_it() -> None:
    record = Record(
        id="t1",
        summary="install hello",
        words="install hello",
        uid=1000,
        user="alice",
        started=1,
        changes=({"kind": "set-option", "option": "a.password", "value": "hunter2"},),
        finished=2,
        state="failed",
        error="Interrupted",
        message="The daemon stopped; hunter2.",
        generation=2,
    )
    entry = auditing.recovered(record)
    assert (entry["event"], entry["state"], entry["generation"]) == ("recovered", "failed", 2)
    assert "hunter2" not in entry["message"]
