"""Explanations on the bus: everything encodes as the contract says, for whom it is meant."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from luminous_daemon.core.explaining.sights import Requisite, UnitState
from luminous_protocol.names import EXPLAIN, ROOT_PATH
from tests.unit.luminous_daemon.bus.fake_connection import BOB, HELLO, Door, Failed, opened
from tests.unit.luminous_daemon.fake_world import START


async def explain(door: Door, member: str, *body: object, **how: str) -> Any:  # noqa: ANN401 - any reply
    """Call a method of the interface; return its only value."""
    return (await door.call(ROOT_PATH, f"{EXPLAIN}.{member}", *body, **how))[0]


def test_every_answer_is_encoded_as_the_contract_says() -> None:
    async def steps() -> None:
        async with opened() as door:
            running, sights = door.machine.running, door.machine.sights
            git = f"/nix/store/{'a' * 32}-git-2.51"
            sights.graph = {running: Requisite(1, (git,)), git: Requisite(2)}
            sights.units = {"web.service": UnitState("web.service", active="failed", code=1)}
            sights.logs = {"web.service": ("one", "two")}
            why = await explain(door, "Why", "git", {})
            assert (why["present"], why["chain"].value) == (True, [running, git])
            unit = await explain(door, "Unit", "web", {})
            assert (unit["failed"], unit["log"].value) == (True, ["one", "two"])
            disk = await explain(door, "Disk", {})
            assert disk["store"] == 3
            door.machine.failed_units[running] = {"web.service"}
            findings = await explain(door, "Health", {})
            assert findings[0]["command"] == "ask-nix unit web.service"

    asyncio.run(steps())


def test_the_log_of_a_unit_is_withheld_from_who_may_not_read_it() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.sights.units = {"web.service": UnitState("web.service", active="failed")}
            door.machine.sights.logs = {"web.service": ("private",)}
            unit = await explain(door, "Unit", "web", {}, sender=BOB)
            assert (unit["log"].value, unit["log-withheld"]) == ([], True)

    asyncio.run(steps())


def test_what_changed_has_the_words_that_asked_for_it() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.now = START + 100
            await door.applied(HELLO)
            found = await explain(door, "Changes", {"since": START + 90})
            assert (found["before"], found["after"]) == (2, 3)
            assert found["comparison"]["packages"][0]["name"] == "hello"
            assert [item["user"] for item in found["transactions"].value]
            last = await explain(door, "Changes", {})
            assert last["comparison"]["packages"] == found["comparison"]["packages"]
            for options in ({"since": 1, "generation": 2}, {"since": "x"}, {"until": 3}):
                with pytest.raises(Failed, match="InvalidValue"):
                    await explain(door, "Changes", options)
            with pytest.raises(Failed, match="UnknownGeneration"):
                await explain(door, "Changes", {"generation": 99})

    asyncio.run(steps())


@pytest.mark.parametrize("member", ["Why", "Unit"])
def test_a_name_that_is_too_long_is_refused(member: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match="InvalidValue"):
                await explain(door, member, "x" * 5000, {})

    asyncio.run(steps())


def test_explanations_change_nothing() -> None:
    async def steps() -> None:
        async with opened() as door:
            before = door.machine.state()
            for member in ("Disk", "Health", "Changes"):
                await explain(door, member, {})
            assert door.machine.state() == before
            assert door.heard(ROOT_PATH, "InterfacesAdded") == []

    asyncio.run(steps())


def test_the_daemon_starts_without_what_only_explanations_need() -> None:
    rooms = ("luminous_daemon.core.explaining", "luminous_daemon.systemd")
    program = f"import sys, luminous_daemon.app; print([n for n in {rooms!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
