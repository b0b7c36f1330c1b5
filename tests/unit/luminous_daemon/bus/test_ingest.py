"""`Knowledge.Ingest` on the bus: a transaction that makes no generation and hinders no change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol import names
from luminous_protocol.errors import MindUnavailable, NotAuthorized
from luminous_protocol.indexing import IndexReport, IndexRequest, IndexStep
from tests.unit.luminous_daemon.bus.fake_connection import HELLO, Failed, opened

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.bus.fake_connection import Door

INGEST = f"{names.KNOWLEDGE}.Ingest"


async def begun(door: Door, source: str = "", **options: object) -> str:
    """Begin to index; return the transaction's path."""
    return str((await door.call(names.ROOT_PATH, INGEST, source, options))[0])


def test_indexing_is_a_transaction_that_tells_how_far_it_is_and_what_came_of_it() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.steps = [IndexStep("reading x"), IndexStep("encoding", 5, 10)]
            door.mind.report = IndexReport({"option": 3, "package": 1}, {"/a": "No\x1b JSON."})
            path = await begun(door, "/a")
            ended = await door.end_of(path)
            assert door.mind.ingested == [IndexRequest("/a")]
            assert (ended["State"], ended["Plan"], ended["Percentage"]) == ("done", "/", 50.0)
            assert ended["Result"]["details"] == {
                "documents": {"option": "3", "package": "1"},
                "failures": {"/a": "No\ufffd JSON."},
            }
            (said,) = door.heard(path, "Finished")
            told = "Indexed: 3 options and 1 package. 1 source could not be read whole."
            assert said == ("done", told)
            phases = [phase for phase, _, _ in door.heard(path, "Progress")]
            assert phases[-2:] == ["reading x", "encoding"]
            # It is no change of the machine, so the history knows nothing of it.
            assert await door.system("ListTransactions", {}) == []
            with pytest.raises(Failed) as caught:
                await door.call(path, f"{names.TRANSACTION}.Undo")
            assert caught.value.name == names.ERROR_PREFIX + "NothingToDo"

    asyncio.run(steps())


def test_while_it_is_indexed_nobody_else_can_and_the_machine_can_be_changed() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.mind.gate = asyncio.Event()
            path = await begun(door)
            with pytest.raises(Failed) as caught:
                await begun(door)
            assert caught.value.name == names.ERROR_PREFIX + "Busy"
            assert door.objects.running_transaction() == ("", "")
            changed = await door.applied(HELLO)
            assert (await door.properties(changed, names.TRANSACTION))["State"] == "done"
            gate.set()
            assert (await door.end_of(path))["State"] == "done"
            assert (await door.end_of(await begun(door)))["State"] == "done"

    asyncio.run(steps())


def test_indexing_can_be_cancelled_to_its_end() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.gate = asyncio.Event()
            path = await begun(door)
            await door.call(path, f"{names.TRANSACTION}.Cancel")
            ended = await door.end_of(path)
            assert (ended["State"], ended["Result"]["error"]) == ("cancelled", "Cancelled")
            door.mind.gate = None
            assert (await door.end_of(await begun(door)))["State"] == "done"

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("failure", "name"),
    [(MindUnavailable("Gone."), "MindUnavailable"), (ValueError("secret"), "Internal")],
)
def test_what_goes_wrong_with_indexing_is_in_the_result(failure: Any, name: str) -> None:  # noqa: ANN401 - any error
    async def steps() -> None:
        async with opened() as door:
            door.mind.failure = failure
            ended = await door.end_of(await begun(door))
            assert (ended["State"], ended["Result"]["error"]) == ("failed", name)
            assert "secret" not in str(ended)

    asyncio.run(steps())


def test_who_may_not_index_is_refused_in_the_transaction() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.trouble("authority.require", None, NotAuthorized("No."))
            ended = await door.end_of(await begun(door))
            assert ended["Result"]["error"] == "NotAuthorized"
            assert door.mind.ingested == []

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("source", "options"),
    [("x" * 5000, {}), ("a\x1b", {}), ("", {"interactive": 1}), ("", {"wait": True})],
    ids=lambda value: repr(value)[:20],
)
def test_what_names_no_source_begins_nothing(source: str, options: dict[str, Any]) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as caught:
                await begun(door, source, **options)
            assert caught.value.name == names.ERROR_PREFIX + "InvalidValue"
            assert door.mind.ingested == []

    asyncio.run(steps())


def test_steps_and_reports_of_any_form_can_be_carried() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.steps = [IndexStep("a\0\ud800" * 9999, 2**80, -(2**80))]
            failures = {f"\0{number}": "x" * 9999 for number in range(500)}
            door.mind.report = IndexReport({"\0": 2**80}, failures)
            ended = await door.end_of(await begun(door))
            assert ended["State"] == "done"
            assert len(ended["Result"]["details"]["failures"]) == 100

    asyncio.run(steps())
