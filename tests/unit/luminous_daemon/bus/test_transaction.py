"""Transactions on the bus: few signals and true ones, managed by their callers, undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.bus import transaction as module
from luminous_daemon.core import policy
from luminous_protocol import names
from luminous_protocol.errors import ActivationFailed, NotAuthorized
from luminous_protocol.names import PLAN, ROOT_PATH, TRANSACTION
from tests.unit.luminous_daemon.bus.fake_connection import (
    ALICE,
    ALL_SEEING,
    BOB,
    HELLO,
    ROOT,
    SSH,
    Failed,
    opened,
)
from tests.unit.luminous_daemon.fake_authority import FakeAuthority
from tests.unit.luminous_daemon.waiting import until


def test_one_client_has_a_bounded_number_of_changes_waiting() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.gates["authority.require"] = asyncio.Event()
            door.machine.gates["authority.require"].set()
            plans = [
                await door.planned(HELLO) for _ in range(policy.MAX_TRANSACTIONS_OF_CLIENT + 1)
            ]
            door.machine.gates["store.build"] = asyncio.Event()
            for plan in plans[:-1]:
                await door.apply(plan, wait=True)
            with pytest.raises(Failed, match="LimitExceeded"):
                await door.apply(plans[-1], wait=True)
            assert (await door.properties(plans[-1], PLAN))["State"] == "ready"

    asyncio.run(steps())


def test_a_busy_machine_leaves_the_plan_to_be_applied_later() -> None:
    async def steps() -> None:
        async with opened() as door:
            first, second = await door.planned(HELLO), await door.planned(SSH)
            gate = door.machine.gates["store.build"] = asyncio.Event()
            transaction = await door.apply(first)
            await door.reached("store.build")
            status = await door.status.read()
            assert (status["busy"], status["transaction"]) == (True, transaction)
            with pytest.raises(Failed, match="Busy"):
                await door.apply(second)
            assert (await door.properties(second, PLAN))["State"] == "ready"
            with pytest.raises(Failed, match="Busy"):
                await door.system("Rebuild", "switch", {})
            gate.set()
            await door.end_of(transaction)
            status = await door.status.read()
            assert (status["busy"], status["transaction"]) == (False, "")

    asyncio.run(steps())


def test_a_transaction_tells_its_states_its_log_and_its_end() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            path = await door.apply(plan)
            found = await door.end_of(path)
            changed = [values[1] for values in door.heard(path, "PropertiesChanged")]
            states = [values["State"].value for values in changed if "State" in values]
            assert list(dict.fromkeys(states)) == ["authorising", "building", "activating", "done"]
            lines = [line for values in door.heard(path, "Log") for line in values[0]]
            assert lines == ["built hello", "activating", "writing the boot menu"]
            assert door.heard(path, "Finished") == [("done", found["Result"]["message"])]
            assert found["Summary"] == "install hello 2.12"
            assert (found["Caller"], found["Result"]["default"]) == (1000, 3)
            assert found["Finished"] >= found["Started"]
            members = [sent.member for sent in door.bus.signals if sent.path == path]
            assert members[-1] == "Finished"
            assert door.heard(path, "Progress")
            root = [v for v in door.heard(ROOT_PATH, "PropertiesChanged") if v[0] == names.SYSTEM]
            assert root, "the machine's own properties have changed too"

    asyncio.run(steps())


def test_everybody_is_told_how_far_it_is_and_only_its_caller_what_it_does() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.apply(await door.planned(HELLO))
            found = await door.end_of(path)
            sent = [signal for signal in door.bus.signals if signal.path == path]
            assert {signal.to for signal in sent if signal.interface == TRANSACTION} == {ALICE}
            public = [signal for signal in sent if signal.to is None]
            assert "hello" not in str(public)
            assert public[-1].values[2] == ["Result"]
            others = await door.properties(path, TRANSACTION, sender=BOB)
            assert (others["State"], others["Summary"]) == ("done", found["Summary"])
            assert others["Detail"]["line"] == ""

    asyncio.run(steps())


def test_a_flood_of_lines_becomes_few_signals_with_the_newest_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SIGNAL_SECONDS", 0.02)

    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.gates["store.build"] = asyncio.Event()
            path = await door.apply(plan)
            await door.reached("store.build")
            published = next(item for item in door.service.visible(ALL_SEEING) if item.path == path)
            assert isinstance(published, module.TransactionObject)
            for number in range(5_000):
                published.transaction.write(f"line {number} " + "x" * 2_000)
            assert door.heard(path, "Log") == []
            await asyncio.sleep(0.04)
            ((lines,),) = door.heard(path, "Log")
            assert len(lines) <= 40
            assert lines[-1].startswith("line 4999 ")
            assert max(map(len, lines)) <= 500
            assert len(published.transaction.log) <= 1_000, "memory is bounded too"

    asyncio.run(steps())


def test_a_transaction_is_cancelled_by_its_caller_until_it_activates() -> None:
    async def steps() -> None:
        async with opened() as door:
            before = door.machine.state()
            plan = await door.planned(HELLO)
            door.machine.gates["store.build"] = asyncio.Event()
            path = await door.apply(plan)
            await door.reached("store.build")
            await door.call(path, f"{TRANSACTION}.Cancel")
            assert (await door.end_of(path))["State"] == "cancelled"
            assert door.machine.state() == before
            with pytest.raises(Failed, match="TooLate: It is over already"):
                await door.call(path, f"{TRANSACTION}.Cancel")
            with pytest.raises(Failed, match="TooLate: There is nothing to confirm"):
                await door.call(path, f"{TRANSACTION}.Confirm")

    asyncio.run(steps())


@pytest.mark.parametrize("member", ["Cancel", "Confirm"])
def test_somebody_elses_transaction_needs_an_administrator(member: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.gates["store.build"] = asyncio.Event()
            path = await door.apply(plan)
            await door.reached("store.build")
            door.machine.trouble("authority.require", NotAuthorized("No."))
            with pytest.raises(Failed, match=r"NotAuthorized: No\."):
                await door.call(path, f"{TRANSACTION}.{member}", sender=BOB)
            authority = door.world.authority
            assert isinstance(authority, FakeAuthority)
            caller, action, details, interactive = authority.asked[-1]
            assert (caller.uid, action, interactive) == (1001, "org.luminous1.manage-others", True)
            assert details["summary"] == "install hello 2.12"
            if member == "Cancel":
                await door.call(path, f"{TRANSACTION}.Cancel", sender=ROOT)
                assert (await door.end_of(path))["State"] == "cancelled"

    asyncio.run(steps())


@pytest.mark.parametrize("member", ["Confirm", "Cancel"])
def test_a_change_with_a_time_limit_is_kept_or_put_back_by_its_caller(member: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            before = door.machine.state()
            path = await door.apply(await door.planned(HELLO), confirm_within=60)
            await until(lambda: "confirming" in str(door.heard(path, "PropertiesChanged")))
            await door.call(path, f"{TRANSACTION}.{member}")
            found = await door.end_of(path)
            assert found["State"] == ("done" if member == "Confirm" else "cancelled")
            assert (door.machine.state() == before) is (member == "Cancel")

    asyncio.run(steps())


@pytest.mark.parametrize("is_past", [False, True])
def test_undo_is_a_plan_of_the_way_back(*, is_past: bool) -> None:
    async def steps() -> None:
        async with opened() as door:
            text = door.machine.text
            path = await door.applied(HELLO)
            if is_past:
                door.service.withdraw(path)
            (plan,) = await door.call(path, f"{TRANSACTION}.Undo")
            await until(lambda: bool(door.heard(plan, "PropertiesChanged")))
            found = await door.properties(plan, PLAN)
            assert found["Changes"] == [{"kind": "remove-package", "package": "hello"}]
            await door.end_of(await door.apply(plan))
            assert door.machine.text == text

    asyncio.run(steps())


def test_what_changed_nothing_has_nothing_to_undo() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.trouble("activation.test", ActivationFailed("No."))
            path = await door.applied(HELLO)
            for _ in range(2):
                with pytest.raises(Failed, match="NothingToDo: There is nothing to undo"):
                    await door.call(path, f"{TRANSACTION}.Undo")
                door.service.withdraw(path)

    asyncio.run(steps())


def test_luminous_does_not_take_its_own_import_back() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.is_imported = False
            path = await door.applied({"kind": "import-file"})
            for _ in range(2):
                with pytest.raises(Failed, match="NothingToDo: Luminous does not take its own"):
                    await door.call(path, f"{TRANSACTION}.Undo")
                door.service.withdraw(path)

    asyncio.run(steps())


def test_a_transaction_of_the_past_shows_what_the_journal_kept() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.applied(HELLO)
            before = await door.properties(path, TRANSACTION)
            door.service.withdraw(path)
            found = await door.properties(path, TRANSACTION, sender=BOB)
            for name in ("State", "Summary", "Caller", "Started", "Finished"):
                assert found[name] == before[name]
            assert found["Result"]["message"] == before["Result"]["message"]
            for member, says in (("Cancel", "over already"), ("Confirm", "nothing to confirm")):
                with pytest.raises(Failed, match=says):
                    await door.call(path, f"{TRANSACTION}.{member}")

    asyncio.run(steps())


def test_finished_transactions_leave_the_bus_in_the_end_and_stay_in_the_journal() -> None:
    async def steps() -> None:
        async with opened() as door:
            paths = []
            for number in range(22):
                change = (
                    HELLO if number % 2 == 0 else {"kind": "remove-package", "package": "hello"}
                )
                paths.append(await door.applied(change))
            there = {item.path for item in door.service.visible(ALL_SEEING)}
            assert [path in there for path in paths] == [False] * 2 + [True] * 20
            assert (await door.properties(paths[0], TRANSACTION))["State"] == "done"

    asyncio.run(steps())


def test_a_daemon_that_ends_cancels_what_has_changed_nothing_yet() -> None:
    async def steps() -> None:
        async with opened() as door:
            before = door.machine.state()
            path = await door.apply(await door.planned(HELLO))
            door.machine.gates["store.build"] = asyncio.Event()
            await door.reached("store.build")
            door.objects.cancel_all()
            assert (await door.end_of(path))["State"] == "cancelled"
            assert door.machine.state() == before

    asyncio.run(steps())


def test_an_unknown_caller_of_the_past_is_only_a_number() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.applied(HELLO)
            identifier = path.rpartition("/")[2]
            record = door.world.journal.find(identifier)
            assert record
            door.world.journal.finish(replace(record, uid=4_000_000_000, user="4000000000"))
            door.service.withdraw(path)
            found = await door.properties(path, TRANSACTION, sender=ALICE)
            assert found["Caller"] == 4_000_000_000

    asyncio.run(steps())
