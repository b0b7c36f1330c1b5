"""Plans and transactions on the bus: their lives, their owners, and how many there may be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from luminous_daemon.bus import transaction as module
from luminous_daemon.core import policy
from luminous_protocol import names
from luminous_protocol.errors import ActivationFailed, EvaluationFailed, NotAuthorized
from luminous_protocol.names import PLAN, ROOT_PATH, TRANSACTION
from tests.unit.luminous_daemon.bus.fake_connection import ALICE, BOB, ROOT, Door, Failed, opened
from tests.unit.luminous_daemon.fake_world import FakeAuthority

HELLO = {"kind": "add-package", "package": "hello"}
SSH = {"kind": "enable", "target": "openssh"}


async def apply(door: Door, plan: str, mode: str = "switch", **options: object) -> str:
    """Apply a plan; return the transaction's path at once."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    (path,) = await door.call(plan, f"{PLAN}.Apply", mode, named)
    return str(path)


async def until_called(door: Door, step: str) -> None:
    """Wait until the machine takes a step."""
    while step not in door.machine.calls:
        await asyncio.sleep(0)


def test_a_plan_is_there_at_once_and_becomes_ready_with_everything_to_show() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.machine.gates["evaluator.look_up"] = asyncio.Event()
            path = await door.system("Plan", [HELLO], {"words": "install hello"})
            found = await door.properties(path, PLAN)
            assert (found["State"], found["Id"], found["Failure"]) == ("preparing", "", {})
            with pytest.raises(Failed, match="NotReady"):
                await apply(door, path)
            gate.set()
            while not door.heard(path, "PropertiesChanged"):
                await asyncio.sleep(0)
            assert door.heard(path, "PropertiesChanged") == [(PLAN, {"State": "ready"}, [])]
            found = await door.properties(path, PLAN)
            assert found["Summary"] == "install hello 2.12"
            assert found["Changes"] == [HELLO]
            assert found["Packages"] == [{"name": "hello", "before": "", "after": "2.12"}]
            assert found["Action"] == "org.luminous1.change-packages"
            assert len(found["Id"]) == 64

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("change", "trouble", "name"),
    [
        ({"kind": "add-package", "package": "helo"}, None, "UnknownPackage"),
        (HELLO, EvaluationFailed("No.", {"log": ["a"]}), "EvaluationFailed"),
        (HELLO, RuntimeError("a secret"), "Internal"),
    ],
)
def test_a_plan_that_cannot_be_says_why_to_whoever_looks_or_applies(
    change: dict[str, Any], trouble: Exception | None, name: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            if trouble:
                door.machine.trouble("evaluator.evaluate", trouble)
            path = await door.planned(change)
            found = await door.properties(path, PLAN)
            assert (found["State"], found["Failure"]["name"]) == ("failed", name)
            assert "secret" not in str(found)
            with pytest.raises(Failed) as refused:
                await apply(door, path)
            assert refused.value.name == f"org.luminous1.Error.{name}"
            assert refused.value.message == found["Failure"]["message"]
            await door.planned(SSH)

    asyncio.run(steps())


def test_a_failure_stays_readable_while_others_make_plans() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.planned({"kind": "add-package", "package": "helo"})
            for _ in range(3):
                await door.planned(HELLO, sender=BOB)
            assert (await door.properties(path, PLAN))["Failure"]["name"] == "UnknownPackage"

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([], "InvalidChange"),
        ([{"kind": "run-command"}], "InvalidChange"),
        ([{"kind": "add-package", "package": "$(reboot)"}], "InvalidChange"),
        ([HELLO] * 101, "InvalidChange"),
    ],
)
def test_malformed_changes_are_refused_before_there_is_a_plan(
    changes: list[dict[str, Any]], error: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match=error):
                await door.system("Plan", changes, {})
            assert door.heard(ROOT_PATH, "InterfacesAdded") == []

    asyncio.run(steps())


def test_a_plan_is_applied_once() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            transaction = await apply(door, plan)
            for _ in range(2):
                with pytest.raises(Failed, match="AlreadyUsed"):
                    await apply(door, plan)
            found = await door.end_of(transaction)
            assert (found["State"], found["Plan"]) == ("done", plan)
            assert (await door.properties(plan, PLAN))["State"] == "used"
            await door.planned(SSH, sender=BOB)
            with pytest.raises(Failed, match="AlreadyUsed"):
                await apply(door, plan)

    asyncio.run(steps())


def test_two_clients_at_once_use_a_plan_once() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            answers = await asyncio.gather(
                *(door.call(plan, f"{PLAN}.Apply", "switch", {}) for _ in range(5)),
                return_exceptions=True,
            )
            errors = [str(answer) for answer in answers if isinstance(answer, Failed)]
            assert len(errors) == 4
            assert all("AlreadyUsed" in error for error in errors)

    asyncio.run(steps())


def test_a_plan_that_is_too_old_is_refused_by_that_name() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.now += policy.PLAN_SECONDS + 1
            await door.planned(SSH)
            with pytest.raises(Failed, match="Expired"):
                await apply(door, plan)
            door.machine.now += policy.PLAN_SECONDS + 1
            await door.planned(SSH)
            with pytest.raises(Failed, match="UnknownObject"):
                await apply(door, plan)

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("mode", "options", "says"),
    [
        ("dry-activate", {}, "no mode 'dry-activate'. Use one of: switch, boot, test, build"),
        ("", {}, "no mode ''"),
        ("switch", {"force": True}, "no option 'force'"),
        ("switch", {"wait": 1}, "'wait' takes a value of type bool"),
        ("switch", {"confirm-within": -1}, "confirm-within takes 0 to 3600"),
        ("switch", {"confirm-within": 3601}, "confirm-within takes 0 to 3600"),
        ("switch", {"confirm-within": True}, "of type int"),
    ],
)
def test_a_wish_that_is_none_leaves_the_plan_unused(
    mode: str, options: dict[str, Any], says: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            with pytest.raises(Failed, match="InvalidValue") as refused:
                await door.call(plan, f"{PLAN}.Apply", mode, options)
            assert says in refused.value.message
            assert (await door.properties(plan, PLAN))["State"] == "ready"

    asyncio.run(steps())


def test_only_the_owner_and_root_see_apply_and_discard_a_plan() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            for method, arguments in (("Apply", ("switch", {})), ("Discard", ())):
                with pytest.raises(Failed, match="NotAuthorized: This plan belongs"):
                    await door.call(plan, f"{PLAN}.{method}", *arguments, sender=BOB)
            assert (await door.properties(plan, PLAN, sender=ROOT))["State"] == "ready"
            await door.call(plan, f"{PLAN}.Discard", sender=ROOT)
            with pytest.raises(Failed, match="UnknownObject"):
                await apply(door, plan)

    asyncio.run(steps())


def test_signals_about_a_plan_tell_others_nothing_but_its_state() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            await door.end_of(await apply(door, plan))
            told = [sent.values for sent in door.bus.signals if sent.path == plan]
            assert told == [(PLAN, {"State": "ready"}, []), (PLAN, {"State": "used"}, [])]

    asyncio.run(steps())


def test_discarding_stops_the_preparation() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.gates["evaluator.look_up"] = asyncio.Event()
            plan = await door.system("Plan", [HELLO], {})
            await until_called(door, "evaluator.look_up")
            await door.call(plan, f"{PLAN}.Discard")
            await asyncio.sleep(0)
            assert "evaluator.evaluate" not in door.machine.calls

    asyncio.run(steps())


def test_one_client_holds_a_bounded_number_of_plans_and_nobody_else_notices() -> None:
    async def steps() -> None:
        async with opened() as door:
            plans = [await door.planned(HELLO) for _ in range(policy.MAX_PLANS_OF_CLIENT)]
            with pytest.raises(Failed, match="LimitExceeded: You hold 16 plans already"):
                await door.system("Plan", [HELLO], {})
            await door.planned(HELLO, sender=BOB)
            await door.call(plans[3], f"{PLAN}.Discard")
            await door.planned(HELLO)

    asyncio.run(steps())


def test_plans_of_clients_that_have_gone_make_room() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.bus.uids[":1.50"] = 1000
            gone = [
                await door.planned(HELLO, sender=":1.50")
                for _ in range(policy.MAX_PLANS_OF_CLIENT)
            ]
            del door.bus.uids[":1.50"]
            await door.planned(HELLO)
            assert gone[0] not in {item.path for item in door.service.objects()}
            assert gone[1] in {item.path for item in door.service.objects()}

    asyncio.run(steps())


def test_plans_that_failed_are_kept_in_a_bounded_number_too() -> None:
    async def steps() -> None:
        async with opened() as door:
            for _ in range(3 * policy.MAX_PLANS_OF_CLIENT):
                await door.planned({"kind": "add-package", "package": "helo"})
            assert len(door.service.objects()) <= policy.MAX_PLANS_OF_CLIENT + 2

    asyncio.run(steps())


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
                await apply(door, plan, wait=True)
            with pytest.raises(Failed, match="LimitExceeded"):
                await apply(door, plans[-1], wait=True)
            assert (await door.properties(plans[-1], PLAN))["State"] == "ready"

    asyncio.run(steps())


def test_a_busy_machine_leaves_the_plan_to_be_applied_later() -> None:
    async def steps() -> None:
        async with opened() as door:
            first, second = await door.planned(HELLO), await door.planned(SSH)
            gate = door.machine.gates["store.build"] = asyncio.Event()
            transaction = await apply(door, first)
            await until_called(door, "store.build")
            assert (await door.system("Status"))["busy"] is True
            assert (await door.system("Status"))["transaction"] == transaction
            with pytest.raises(Failed, match="Busy"):
                await apply(door, second)
            assert (await door.properties(second, PLAN))["State"] == "ready"
            with pytest.raises(Failed, match="Busy"):
                await door.system("Rebuild", "switch", {})
            gate.set()
            await door.end_of(transaction)
            assert (await door.system("Status"))["transaction"] == ""

    asyncio.run(steps())


def test_a_transaction_tells_its_states_its_log_and_its_end() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            path = await apply(door, plan)
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


def test_a_flood_of_lines_becomes_few_signals_with_the_newest_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SIGNAL_SECONDS", 0.02)

    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.gates["store.build"] = asyncio.Event()
            path = await apply(door, plan)
            await until_called(door, "store.build")
            published = next(item for item in door.service.objects() if item.path == path)
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
            path = await apply(door, plan)
            await until_called(door, "store.build")
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
            path = await apply(door, plan)
            await until_called(door, "store.build")
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
            path = await apply(door, await door.planned(HELLO), confirm_within=60)
            while (await door.properties(path, TRANSACTION))["State"] != "confirming":
                await asyncio.sleep(0)
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
            while (await door.properties(plan, PLAN))["State"] == "preparing":
                await asyncio.sleep(0)
            found = await door.properties(plan, PLAN)
            assert found["Changes"] == [{"kind": "remove-package", "package": "hello"}]
            await door.end_of(await apply(door, plan))
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
                change = HELLO if number % 2 == 0 else {"kind": "remove-package", "package": "hello"}
                paths.append(await door.applied(change))
            there = {item.path for item in door.service.objects()}
            assert [path in there for path in paths] == [False] * 2 + [True] * 20
            assert (await door.properties(paths[0], TRANSACTION))["State"] == "done"

    asyncio.run(steps())


def test_a_daemon_that_ends_cancels_what_has_changed_nothing_yet() -> None:
    async def steps() -> None:
        async with opened() as door:
            before = door.machine.state()
            path = await apply(door, await door.planned(HELLO))
            door.machine.gates["store.build"] = asyncio.Event()
            await until_called(door, "store.build")
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
