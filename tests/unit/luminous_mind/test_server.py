"""The server: answers in parts, one bad client is nobody else's trouble, and idle it goes."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

import pytest

from luminous_mind.worker import MAX_WAITING
from luminous_protocol.frames import (
    MAX_BYTES,
    Cancel,
    Failure,
    Hello,
    Part,
    Reply,
    Request,
    encode,
    parse,
)
from luminous_protocol.passages import Passage
from tests.unit.luminous_mind.asking import GIT, served

if TYPE_CHECKING:
    from pathlib import Path


def search(number: int, query: str, **options: int) -> Request:
    return Request(number, "search", {"query": query, **options})


def test_a_search_is_answered_in_parts_and_an_end(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(search(7, "version control", limit=25))
            parts = [await asker.hear() for _ in range(3)]
            assert await asker.hear() == Reply(7, {"count": 25})
            found = []
            for part in parts:
                assert isinstance(part, Part)
                assert isinstance(part.value, list)
                found += [parse(Passage, item) for item in part.value]
            assert found == [GIT] * 25
            asker.send(search(8, "nothing"))
            assert await asker.hear() == Reply(8, {"count": 0})

    asyncio.run(steps())


def test_the_status_is_what_the_index_tells(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(Request(1, "status", {}))
            assert await asker.hear() == Reply(1, {"package": 1})

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("request_", "name", "sentence"),
    [
        (Request(1, "reboot", {}), "InvalidValue", "no method 'reboot' here. Known: describe"),
        (Request(1, "search", {}), "InvalidValue", "malformed at query: Field required"),
        (Request(1, "search", {"query": 5}), "InvalidValue", "malformed at query"),
        (Request(1, "search", {"query": "x", "uid": 0}), "InvalidValue", "malformed at uid"),
        (search(1, " "), "InvalidText", "nothing to look for"),
        (search(1, "x" * 1_000_000), "InvalidText", "longer than 2000 characters"),
        (search(1, "a\0b"), "InvalidText", "control characters"),
        (search(1, "x", limit=0), "InvalidValue", "a number from 1 to 100"),
        (search(1, "crash"), "Internal", "Its log has the details"),
        (Request(1, "status", {"of": "you"}), "InvalidValue", "takes no parameters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_answered_is_named_and_the_next_request_is_answered(
    tmp_path: Path, request_: Request, name: str, sentence: str
) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(request_)
            failure = await asker.hear()
            assert isinstance(failure, Failure)
            assert (failure.id, failure.name) == (1, name)
            assert sentence in failure.message
            assert "secret" not in failure.message
            asker.send(Request(2, "status", {}))
            assert await asker.hear() == Reply(2, {"package": 1})

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (b"\xff\xff\xff\xffmuch", "at most"),
        (b"\0\0\0\1\xc1", "not msgpack"),
        (b"GET / HTTP/1.1\r\n\r\n", "at most"),
        (encode(Reply(1, 2)), "takes requests, and no reply"),
        (encode(Hello()), "takes requests, and no hello"),
        (encode(search(1, "wait")) * 2, "under way already"),
    ],
)
def test_rubbish_is_named_and_ends_its_own_connection_only(
    tmp_path: Path, sent: bytes, complaint: str
) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as other:
            async with room.connected() as asker:
                asker.writer.write(sent)
                said = (await asker.hear_end())[0]
                assert isinstance(said, Failure)
                assert (said.id, said.name) == (0, "BadFrame")
                assert complaint in said.message
            room.retriever.gate.set()
            other.send(Request(1, "status", {}))
            assert await other.hear() == Reply(1, {"package": 1})

    asyncio.run(steps())


@pytest.mark.parametrize("sent", [encode(Hello(version=2)), encode(search(1, "x")), b"\0\0\0\0"])
def test_a_connection_without_this_versions_hello_gets_no_answer(
    tmp_path: Path, sent: bytes
) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected(greeted=False) as asker:
            asker.writer.write(sent)
            (said,) = await asker.hear_end()
            assert isinstance(said, Failure)
            assert said.name == "BadFrame"
        assert room.retriever.asked == []

    asyncio.run(steps())


@pytest.mark.parametrize("sent", [b"", b"\0", encode(Hello()), encode(Hello()) + b"\0\0\0\5ab"])
def test_who_leaves_in_the_middle_of_anything_is_let_go(tmp_path: Path, sent: bytes) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room:
            async with room.connected(greeted=False) as asker:
                asker.writer.write(sent)
            async with room.connected() as next_one:
                next_one.send(Request(1, "status", {}))
                assert await next_one.hear() == Reply(1, {"package": 1})

    asyncio.run(steps())


def test_a_request_can_be_cancelled_before_its_turn_and_within_it(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(search(1, "wait"), search(2, "never"), Cancel(2), Cancel(99))
            second = await asker.hear()
            assert second == Failure(2, "Cancelled", "The request was cancelled.")
            assert await asyncio.to_thread(room.retriever.begun.wait, 5)
            asker.send(Cancel(1))
            first = await asker.hear()
            assert isinstance(first, Failure)
            assert (first.id, first.name) == (1, "Cancelled")
            room.retriever.gate.set()
            asker.send(Request(1, "status", {}))
            assert await asker.hear() == Reply(1, {"package": 1})
        assert [item.query for item in room.retriever.asked] == ["wait"]

    asyncio.run(steps())


def test_so_many_requests_wait_and_no_more(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(search(0, "wait"), *(search(n, "nothing") for n in range(1, MAX_WAITING)))
            asker.send(search(MAX_WAITING, "one too many"))
            failure = await asker.hear()
            assert isinstance(failure, Failure)
            assert (failure.id, failure.name) == (MAX_WAITING, "LimitExceeded")
            room.retriever.gate.set()
            answered = {getattr(await asker.hear(), "id", None) for _ in range(MAX_WAITING)}
            assert answered == set(range(MAX_WAITING))

    asyncio.run(steps())


def test_with_nobody_there_it_leaves_and_while_somebody_is_it_stays(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path, idle_seconds=0.05) as room:
            async with room.connected() as asker:
                asker.send(search(1, "wait"))
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(room.running), 0.2)
                room.retriever.gate.set()
                while not isinstance(await asker.hear(), Reply):
                    pass
            await asyncio.wait_for(room.running, 5)

    asyncio.run(steps())


def test_a_stop_ends_what_is_under_way(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(search(1, "wait"))
            assert await asyncio.to_thread(room.retriever.begun.wait, 5)
            room.server.stop()
            assert [getattr(frame, "name", "") for frame in await asker.hear_end()] == ["Cancelled"]

    asyncio.run(steps())


def test_nobody_but_root_and_itself_is_welcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = (os.getpid(), 1000, 1000)
    real = socket.socket.getsockopt

    def of_alice(self: socket.socket, level: int, option: int, size: int = 0) -> int | bytes:
        if option == socket.SO_PEERCRED:
            return b"".join(number.to_bytes(4, "little") for number in credentials)
        return real(self, level, option, size) if size else real(self, level, option)

    async def steps() -> None:
        async with served(tmp_path) as room:
            monkeypatch.setattr("asyncio.trsock.TransportSocket.getsockopt", of_alice)
            async with room.connected(greeted=False) as asker:
                asker.send(Hello(), search(1, "x"))
                (said,) = await asker.hear_end()
                assert isinstance(said, Failure)
                assert said.name == "NotAuthorized"
            assert room.retriever.asked == []

    asyncio.run(steps())


def test_the_largest_query_fits_into_a_frame_and_its_answer_is_bounded(tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as room, room.connected() as asker:
            asker.send(search(1, "x" * (MAX_BYTES - 100)))
            failure = await asker.hear()
            assert isinstance(failure, Failure)
            assert failure.name == "InvalidText"

    asyncio.run(steps())
