"""The audit record on the bus: one's own is free, everybody's needs permission."""

from __future__ import annotations

import asyncio

import pytest

from luminous_protocol.errors import NotAuthorized
from luminous_protocol.names import Action
from tests.unit.luminous_daemon.bus.fake_connection import (
    ALICE,
    BOB,
    HELLO,
    ROOT,
    SSH,
    Failed,
    opened,
)
from tests.unit.luminous_daemon.fake_audit import FakeAudit
from tests.unit.luminous_daemon.fake_authority import FakeAuthority


def test_an_ordinary_user_sees_her_own_entries_and_nobody_is_asked() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            authority = door.world.authority
            assert isinstance(authority, FakeAuthority)
            authority.asked.clear()
            mine = await door.system("ListAudit", {}, sender=ALICE)
            assert [entry["event"] for entry in mine] == ["ended", "decided", "asked"]
            assert await door.system("ListAudit", {"limit": 1}) == mine[:1]
            assert await door.system("ListAudit", {}, sender=BOB) == []
            assert {action for _, action, *_ in authority.asked} == {Action.READ}

    asyncio.run(steps())


def test_everybodys_entries_need_permission_but_roots_own_look() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            seen = await door.system("ListAudit", {"everybody": True}, sender=BOB)
            assert len(seen) == 3
            assert len(await door.system("ListAudit", {}, sender=ROOT)) == 3
            authority = door.world.authority
            assert isinstance(authority, FakeAuthority)
            asked = [
                (caller.uid, ask)
                for caller, action, _, ask in authority.asked
                if action == Action.READ_AUDIT
            ]
            assert asked == [(1001, True), (0, True)], "polkit answers root without a question"

    asyncio.run(steps())


@pytest.mark.parametrize("call", [("ListAudit", {"everybody": True}), ("VerifyAudit", {})])
def test_without_permission_nothing_is_shown(call: tuple[str, object]) -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.system("ListAudit", {})
            door.machine.trouble("authority.require", NotAuthorized("No."))
            with pytest.raises(Failed) as caught:
                await door.system(*call)
            assert caught.value.name == "org.luminous1.Error.NotAuthorized"

    asyncio.run(steps())


@pytest.mark.parametrize("options", [{"limit": "5"}, {"everybody": 1}, {"nobody": True}])
def test_wrong_options_are_named(options: dict[str, object]) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as caught:
                await door.system("ListAudit", options)
            assert caught.value.name == "org.luminous1.Error.InvalidValue"
            assert await door.system("ListAudit", {"limit": -5}) == []

    asyncio.run(steps())


def test_a_verification_says_what_is_wrong() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(SSH)
            found = await door.system("VerifyAudit", {})
            assert (found["intact"], found["entries"], found["problem"]) == (True, 3, "")
            audit = door.world.audit
            assert isinstance(audit, FakeAudit)
            audit.problem = "Entry 2 is missing."
            found = await door.system("VerifyAudit", {})
            assert (found["intact"], found["problem"]) == (False, "Entry 2 is missing.")

    asyncio.run(steps())


def test_what_a_later_hand_has_put_into_the_file_is_sent_as_far_as_d_bus_can() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.world.audit.record({"event": "asked", "uid": 1000, "changes": [None, {"a": None}]})
            (entry,) = await door.system("ListAudit", {})
            assert entry["changes"] == [{}]

    asyncio.run(steps())
