"""Who leaves the bus leaves no plan behind for long, and nobody is asked on her behalf."""

from __future__ import annotations

import asyncio

import pytest

from luminous_daemon.core import policy
from luminous_protocol import names
from tests.unit.luminous_daemon.bus.fake_connection import (
    ALICE,
    ALL_SEEING,
    BOB,
    HELLO,
    Door,
    opened,
)
from tests.unit.luminous_daemon.waiting import until

AGAIN = ":1.70"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be waited for."""
    monkeypatch.setattr(policy, "LEFT_SECONDS", 0.0)


def is_there(door: Door, path: str) -> bool:
    """Tell whether an object is on the bus."""
    return any(item.path == path for item in door.service.visible(ALL_SEEING))


async def turns() -> None:
    """Let what is due be done."""
    for _ in range(50):
        await asyncio.sleep(0)


def test_a_plan_whose_maker_leaves_is_dropped_and_nobody_elses() -> None:
    async def steps() -> None:
        async with opened() as door:
            left, kept = await door.planned(HELLO), await door.planned(HELLO, sender=BOB)
            door.bus.leave(ALICE)
            await until(lambda: not is_there(door, left))
            assert is_there(door, kept)

    asyncio.run(steps())


def test_a_plan_that_is_still_being_prepared_is_dropped_and_its_work_ends() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.gates["evaluator.evaluate"] = asyncio.Event()
            path = await door.system("Plan", [HELLO], {})
            await door.reached("evaluator.evaluate")
            door.bus.leave(ALICE)
            await until(lambda: not is_there(door, path))

    asyncio.run(steps())


def test_a_plan_stays_that_the_same_user_has_read_over_another_connection() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.planned(HELLO)
            door.bus.uids[AGAIN] = 1000
            await door.properties(path, names.PLAN, sender=AGAIN)
            door.bus.leave(ALICE)
            await turns()
            assert is_there(door, path)
            door.bus.leave(AGAIN)
            await until(lambda: not is_there(door, path))

    asyncio.run(steps())


def test_root_who_looks_keeps_nobodys_plan() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.planned(HELLO)
            await door.properties(path, names.PLAN, sender=ALL_SEEING.sender)
            door.bus.leave(ALICE)
            await until(lambda: not is_there(door, path))

    asyncio.run(steps())


def test_a_maker_who_left_before_it_was_watched_is_noticed_too() -> None:
    async def steps() -> None:
        async with opened() as door:
            answer = door.send(names.ROOT_PATH, f"{names.SYSTEM}.Plan", [HELLO], {})
            (path,) = await answer
            del door.bus.uids[ALICE]  # and no signal
            await until(lambda: not is_there(door, path))

    asyncio.run(steps())


def test_a_person_is_asked_only_while_the_caller_stays() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.gates["authority.require"] = asyncio.Event()
            path = await door.apply(plan)
            door.bus.leave(ALICE)
            await until(lambda: bool(door.heard(path, "Finished")))
            assert door.heard(path, "Finished")[0][0] == "cancelled"
            assert "journal.begin" not in door.machine.calls

    asyncio.run(steps())


def test_what_was_allowed_goes_on_when_its_caller_has_left() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            door.machine.gates["store.build"] = asyncio.Event()
            path = await door.apply(plan)
            await door.reached("store.build")
            door.bus.leave(ALICE)
            await turns()
            door.machine.gates["store.build"].set()
            await until(lambda: bool(door.heard(path, "Finished")))
            assert door.heard(path, "Finished")[0][0] == "done"

    asyncio.run(steps())
