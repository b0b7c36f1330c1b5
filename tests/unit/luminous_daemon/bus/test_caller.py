"""Callers and the guard: the bus says who calls, and a yes is remembered for some seconds only."""

from __future__ import annotations

import asyncio
import os
import pwd
import time

import pytest

from luminous_daemon.bus.caller import Callers, user_name
from luminous_daemon.bus.guard import Guard
from luminous_daemon.core.auditing import NOT_ASKED
from luminous_daemon.core.ports import Caller
from luminous_protocol.errors import NotAuthorized
from luminous_protocol.names import Action
from tests.unit.luminous_daemon.bus.fake_connection import ALICE, BOB, FakeConnection
from tests.unit.luminous_daemon.fake_authority import FakeAuthority
from tests.unit.luminous_daemon.fake_world import BOB as BOB_CALLER
from tests.unit.luminous_daemon.fake_world import make_machine

SOMEBODY = Caller(ALICE, 1000, 42, "alice")


def test_the_bus_is_asked_once_who_somebody_is() -> None:
    bus = FakeConnection()
    callers = Callers(bus)

    async def steps() -> None:
        for _ in range(3):
            found = await callers.identify(ALICE)
            assert (found.sender, found.uid, found.pid) == (ALICE, 1000, 42)
        assert (await callers.identify(BOB)).uid == 1001

    asyncio.run(steps())
    assert bus.asked == [("GetConnectionCredentials", ALICE), ("GetConnectionCredentials", BOB)]


def test_interleaved_callers_are_never_mixed_up() -> None:
    bus = FakeConnection()
    bus.uids |= {f":2.{number}": number for number in range(200)}
    callers = Callers(bus)

    async def steps() -> list[Caller]:
        return await asyncio.gather(*(callers.identify(f":2.{n % 200}") for n in range(600)))

    for number, caller in enumerate(asyncio.run(steps())):
        assert (caller.sender, caller.uid) == (f":2.{number % 200}", number % 200)


def test_only_so_many_callers_are_remembered() -> None:
    bus = FakeConnection()
    bus.uids |= {f":2.{number}": number for number in range(600)}
    callers = Callers(bus)

    async def steps() -> None:
        for number in range(600):
            await callers.identify(f":2.{number}")
        bus.asked.clear()
        await callers.identify(":2.599")
        await callers.identify(":2.0")

    asyncio.run(steps())
    assert bus.asked == [("GetConnectionCredentials", ":2.0")]


def test_somebody_who_has_left_is_nobody() -> None:
    callers = Callers(FakeConnection())
    with pytest.raises(NotAuthorized, match="has left the bus"):
        asyncio.run(callers.identify(":9.9"))


def test_an_account_without_a_name_is_called_by_its_number() -> None:
    assert user_name(os.geteuid()) == pwd.getpwuid(os.geteuid()).pw_name
    assert user_name(4_000_000_000) == "4000000000"


@pytest.fixture
def authority() -> FakeAuthority:
    """Give an authority that remembers what it was asked."""
    return FakeAuthority(make_machine())


def test_a_yes_is_remembered_for_the_same_caller_and_action_only(authority: FakeAuthority) -> None:
    guard = Guard(authority)

    async def steps() -> None:
        for caller, action in (
            (SOMEBODY, Action.READ),
            (SOMEBODY, Action.READ),
            (SOMEBODY, Action.PLAN),
            (BOB_CALLER, Action.READ),
        ):
            await guard.check(caller, action)

    asyncio.run(steps())
    asked = [
        (caller.uid, action, interactive) for caller, action, _, interactive in authority.asked
    ]
    assert asked == [
        (1000, Action.READ, False),
        (1000, Action.PLAN, False),
        (1001, Action.READ, False),
    ]


def test_a_yes_is_forgotten_after_some_seconds(
    authority: FakeAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    guard = Guard(authority)

    async def steps() -> None:
        for at in (100.0, 109.9, 110.1):
            now[0] = at
            await guard.check(SOMEBODY, Action.READ)

    asyncio.run(steps())
    assert len(authority.asked) == 2


def test_a_no_is_never_remembered(authority: FakeAuthority) -> None:
    authority.machine.trouble("authority.require", NotAuthorized("No."), None)
    guard = Guard(authority)

    async def steps() -> None:
        with pytest.raises(NotAuthorized):
            await guard.check(SOMEBODY, Action.READ)
        await guard.check(SOMEBODY, Action.READ)

    asyncio.run(steps())
    assert len(authority.asked) == 2


@pytest.mark.parametrize(
    ("action", "later", "stands"),
    [(Action.READ, 60, True), (Action.READ, 400, False), (Action.PLAN, 60, False)],
)
def test_who_could_read_can_read_on_for_a_while_when_polkit_does_not_answer(
    authority: FakeAuthority,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    later: float,
    *,
    stands: bool,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    silence = NotAuthorized("polkit does not answer.", {"cause": NOT_ASKED})
    authority.machine.trouble("authority.require", None, silence, NotAuthorized("No."), silence)
    guard = Guard(authority)

    async def is_allowed() -> bool:
        try:
            await guard.check(SOMEBODY, action)
        except NotAuthorized:
            return False
        return True

    async def steps() -> None:
        assert await is_allowed()
        now[0] += later
        assert await is_allowed() is stands
        now[0] += 1
        assert not await is_allowed(), "a decision of polkit's ends it"
        assert not await is_allowed()

    asyncio.run(steps())
