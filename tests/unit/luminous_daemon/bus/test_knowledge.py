"""`Knowledge` on the bus: queries are bounded, and what the mind says cannot hurt the bus."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from luminous_daemon.bus.knowledge import MAX_QUESTIONS
from luminous_daemon.bus.wire import index_to_dict
from luminous_protocol import names
from luminous_protocol.errors import MindUnavailable
from luminous_protocol.passages import Child, Named, Passage, SearchRequest
from tests.unit.luminous_daemon.bus.fake_connection import BOB, Failed, opened

SEARCH = f"{names.KNOWLEDGE}.Search"
GIT = Passage("package:git", "package", "git", "Version control", "a.nix", 7, "https://x", 2.5, ())
GIT = replace(GIT, facts={"version": "2.51"})


def test_passages_have_the_keys_of_the_contract() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.passages = [GIT] * 3
            options = {"kinds": ["package", "option"], "limit": 2}
            (found,) = await door.call(names.ROOT_PATH, SEARCH, "version control", options)
            assert (
                found
                == [
                    {
                        "id": "package:git",
                        "kind": "package",
                        "title": "git",
                        "text": "Version control",
                        "source": "a.nix",
                        "line": 7,
                        "address": "https://x",
                        "score": 2.5,
                        "why": [],
                        "facts": {"version": "2.51"},
                    }
                ]
                * 2
            )
            asked = SearchRequest("version control", ("package", "option"), 2)
            assert door.mind.asked == [asked]

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("query", "options", "name"),
    [
        ("", {}, "InvalidText"),
        (" \n", {}, "InvalidText"),
        ("x" * 1_000_000, {}, "InvalidText"),
        ("bell\a", {}, "InvalidText"),
        ("\x1b[2J", {}, "InvalidText"),
        ("vim", {"kind": "option"}, "InvalidValue"),
        ("vim", {"kinds": "option"}, "InvalidValue"),
        ("vim", {"kinds": ["recipe"]}, "InvalidValue"),
        ("vim", {"kinds": [5]}, "InvalidValue"),
        ("vim", {"limit": 0}, "InvalidValue"),
        ("vim", {"limit": 101}, "InvalidValue"),
        ("vim", {"limit": True}, "InvalidValue"),
        ("vim", {"uid": 0}, "InvalidValue"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_no_search_is_never_reaches_the_mind(
    query: str, options: dict[str, Any], name: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as caught:
                await door.call(names.ROOT_PATH, SEARCH, query, options)
            assert caught.value.name == names.ERROR_PREFIX + name
            assert door.mind.asked == []

    asyncio.run(steps())


@pytest.mark.parametrize(
    "query", ["видео редактор", "動画編集", "محرر", "services.ngnix", "'; drop"]
)
def test_a_query_in_any_script_is_a_query(query: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            assert await door.call(names.ROOT_PATH, SEARCH, query, {}) == ([],)
            assert door.mind.asked == [SearchRequest(query)]

    asyncio.run(steps())


def test_text_that_would_end_the_connection_to_the_bus_is_made_readable() -> None:
    async def steps() -> None:
        async with opened() as door:
            hostile = "a\0b\x1b]0;title\a \ud800"
            door.mind.passages = [replace(GIT, text=hostile, line=2**70, why=(hostile,))]
            door.mind.passages[0] = replace(door.mind.passages[0], facts={hostile: hostile})
            (found,) = await door.call(names.ROOT_PATH, SEARCH, "x", {})
            readable = "a\ufffdb\ufffd]0;title\ufffd \ufffd"
            assert found[0]["text"] == readable
            assert found[0]["why"] == [readable]
            assert found[0]["facts"] == {readable: readable}

    asyncio.run(steps())


def test_a_status_of_any_form_can_be_carried() -> None:
    nested: Any = "deep"
    for _ in range(50):
        nested = {"in": [nested]}

    told = {"package": 3, "at": 2**80, "none": None, "x\0": [None, 1], "n": nested}

    async def steps() -> None:
        async with opened() as door:
            door.mind.told = told
            assert await door.call(names.ROOT_PATH, f"{names.KNOWLEDGE}.Status")

    asyncio.run(steps())
    status = index_to_dict(told)
    assert status["package"] == 3
    assert "none" not in status
    assert status["x\ufffd"] == [1]
    assert isinstance(status["n"]["in"][0]["in"], str)


@pytest.mark.parametrize(("member", "body"), [("Search", ("vim", {})), ("Status", ())])
def test_when_the_mind_is_gone_that_is_said_by_name(member: str, body: tuple[Any, ...]) -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.failure = MindUnavailable("What searches is not there.")
            with pytest.raises(Failed) as caught:
                await door.call(names.ROOT_PATH, f"{names.KNOWLEDGE}.{member}", *body)
            assert caught.value.name == "org.luminous1.Error.MindUnavailable"
            assert caught.value.message == "What searches is not there."

    asyncio.run(steps())


def test_who_asks_without_end_is_told_so_and_nobody_else_notices() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.mind.gate = asyncio.Event()
            waiting = [door.send(names.ROOT_PATH, SEARCH, "vim", {}) for _ in range(MAX_QUESTIONS)]
            with pytest.raises(Failed) as caught:
                await door.call(names.ROOT_PATH, SEARCH, "one too many", {})
            assert caught.value.name == names.ERROR_PREFIX + "LimitExceeded"
            bobs = door.send(names.ROOT_PATH, SEARCH, "vim", {}, sender=BOB)
            gate.set()
            for answer in [*waiting, bobs]:
                assert await answer == ([],)
            assert await door.call(names.ROOT_PATH, SEARCH, "again", {}) == ([],)

    asyncio.run(steps())


DESCRIBE = f"{names.KNOWLEDGE}.Describe"


def test_a_name_is_described_with_what_is_below_it() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.named["a"] = Named(
                replace(GIT, title="a"), (Child("b", "boolean", "Is\0b."),)
            )
            (found,) = await door.call(names.ROOT_PATH, DESCRIBE, "option", "a", {})
            assert found["passage"]["title"] == "a"
            assert found["below"] == (
                "aa{sv}",
                [{"name": "b", "type": "boolean", "text": "Is\ufffdb."}],
            )

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("kind", "name", "error", "said"),
    [
        ("option", "b", "UnknownOption", "The index has no option called 'b'. Did you mean a?"),
        ("package", "b", "UnknownPackage", "The index has no package called 'b'. Did you mean a?"),
        ("manual", "b", "InvalidValue", "Known: option, package."),
        ("option", "", "InvalidValue", "is no name"),
        ("option", "\x1b[2J", "InvalidValue", "is no name"),
        ("option", "a" * 1000, "InvalidValue", "is no name"),
    ],
)
def test_a_name_that_is_not_there_is_an_error_by_name(
    kind: str, name: str, error: str, said: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            door.mind.named["a"] = Named(GIT)
            with pytest.raises(Failed) as caught:
                await door.call(names.ROOT_PATH, DESCRIBE, kind, name, {})
            assert caught.value.name == names.ERROR_PREFIX + error
            assert said in caught.value.message

    asyncio.run(steps())


EXPLAIN = f"{names.KNOWLEDGE}.ExplainError"
REFUSED = "error: Package 'words-1' in /x.nix:1 has an unfree license ('unfree'), refusing"


def test_an_explanation_has_the_keys_of_the_contract_and_plans_nothing() -> None:
    async def steps() -> None:
        async with opened() as door:
            (found,) = await door.call(names.ROOT_PATH, EXPLAIN, REFUSED, {})
            assert found["kind"] == "unfree-package"
            repair = {"kind": "allow-package", "package": "words-1", "reason": "unfree"}
            assert found["repairs"].value == [repair]
            keys = "kind summary place excerpt cause advice names suggestions repairs confidence"
            assert sorted(found) == sorted(keys.split())

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("text", "options", "name"),
    [
        (" ", {}, "InvalidText"),
        ("x" * 2_000_000, {}, "InvalidText"),
        ("error: x", {"configuration": "etc"}, "InvalidValue"),
        ("error: x", {"configuration": 5}, "InvalidValue"),
        ("error: x", {"uid": 0}, "InvalidValue"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_message_never_reaches_the_mind(
    text: str, options: dict[str, Any], name: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as caught:
                await door.call(names.ROOT_PATH, EXPLAIN, text, options)
            assert caught.value.name.endswith(name)

    asyncio.run(steps())
