"""Plans on the bus: prepared in the background, shown to their owner, used once, and bounded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luminous_daemon.core import policy
from luminous_protocol.errors import EvaluationFailed
from luminous_protocol.names import PLAN, ROOT_PATH
from tests.unit.luminous_daemon.bus.fake_connection import (
    ALL_SEEING,
    BOB,
    HELLO,
    ROOT,
    SSH,
    Failed,
    opened,
)
from tests.unit.luminous_daemon.waiting import until


def test_a_plan_is_there_at_once_and_becomes_ready_with_everything_to_show() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.machine.gates["evaluator.look_up"] = asyncio.Event()
            path = await door.system("Plan", [HELLO], {"words": "install hello"})
            found = await door.properties(path, PLAN)
            assert (found["State"], found["Id"], found["Failure"]) == ("preparing", "", {})
            with pytest.raises(Failed, match="NotReady"):
                await door.apply(path)
            gate.set()
            await until(lambda: bool(door.heard(path, "PropertiesChanged")))
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
                await door.apply(path)
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
            transaction = await door.apply(plan)
            for _ in range(2):
                with pytest.raises(Failed, match="AlreadyUsed"):
                    await door.apply(plan)
            found = await door.end_of(transaction)
            assert (found["State"], found["Plan"]) == ("done", plan)
            assert (await door.properties(plan, PLAN))["State"] == "used"
            await door.planned(SSH, sender=BOB)
            with pytest.raises(Failed, match="AlreadyUsed"):
                await door.apply(plan)

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
                await door.apply(plan)
            door.machine.now += policy.PLAN_SECONDS + 1
            await door.planned(SSH)
            with pytest.raises(Failed, match="UnknownObject"):
                await door.apply(plan)

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
                await door.apply(plan)

    asyncio.run(steps())


def test_signals_about_a_plan_tell_others_nothing_but_its_state() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            await door.end_of(await door.apply(plan))
            told = [sent.values for sent in door.bus.signals if sent.path == plan]
            assert told == [(PLAN, {"State": "ready"}, []), (PLAN, {"State": "used"}, [])]

    asyncio.run(steps())


def test_each_users_plans_are_prepared_one_after_the_other() -> None:
    async def steps() -> None:
        async with opened() as door:
            looked_up = door.machine.gates["evaluator.look_up"] = asyncio.Event()
            plans = [await door.system("Plan", [HELLO], {}) for _ in range(3)]
            others = await door.system("Plan", [HELLO], {}, sender=BOB)
            building = await door.system("Plan", [HELLO], {"build": True})
            for _ in range(50):
                await asyncio.sleep(0)
            # The first of each, and one that waits for builds most of its time.
            assert door.machine.calls.count("evaluator.look_up") == 3
            looked_up.set()
            every = (*plans, others, building)
            await until(lambda: all(door.heard(plan, "PropertiesChanged") for plan in every))

    asyncio.run(steps())


def test_discarding_stops_the_preparation() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.gates["evaluator.look_up"] = asyncio.Event()
            plan = await door.system("Plan", [HELLO], {})
            await door.reached("evaluator.look_up")
            await door.call(plan, f"{PLAN}.Discard")
            door.machine.gates["evaluator.look_up"].set()
            calls = len(door.machine.calls)
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(door.machine.calls) == calls

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
                await door.planned(HELLO, sender=":1.50") for _ in range(policy.MAX_PLANS_OF_CLIENT)
            ]
            with pytest.raises(Failed, match="LimitExceeded"):
                await door.planned(HELLO)
            door.bus.leave(":1.50")
            await door.planned(HELLO)
            assert gone[0] not in {item.path for item in door.service.visible(ALL_SEEING)}
            assert gone[1] in {item.path for item in door.service.visible(ALL_SEEING)}

    asyncio.run(steps())


def test_plans_that_failed_are_kept_in_a_bounded_number_too() -> None:
    async def steps() -> None:
        async with opened() as door:
            for _ in range(3 * policy.MAX_PLANS_OF_CLIENT):
                await door.planned({"kind": "add-package", "package": "helo"})
            assert len(door.service.visible(ALL_SEEING)) <= policy.MAX_PLANS_OF_CLIENT + 2

    asyncio.run(steps())
