"""Asking the mind: whatever happens at its end, a call ends by name and the next one works."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.mind import Mind
from luminous_protocol.errors import Busy, Interrupted, InvalidText, MindUnavailable, NotReady
from luminous_protocol.frames import (
    MAX_BYTES,
    Cancel,
    Failure,
    Frame,
    Hello,
    Part,
    Reply,
    Request,
    Value,
    encode,
    read_frame,
)
from luminous_protocol.indexing import IndexReport, IndexRequest, IndexStep
from luminous_protocol.passages import NameRequest, Passage, SearchRequest
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PLAIN: dict[str, Value] = {
    "id": "package:git",
    "kind": "package",
    "title": "git",
    "text": "Version control",
    "source": "",
    "line": 0,
    "address": "",
    "score": 2.5,
    "why": ["name"],
}
GIT = Passage("package:git", "package", "git", "Version control", "", 0, "", 2.5, ("name",))
QUERY = SearchRequest("version control")
OVER = Reply(1, {"count": 1})


@dataclass
class OtherEnd:
    """A server that says the same to everybody: `turned_away` connections hear nothing at all."""

    said: bytes = b""
    is_silent: bool = False
    turned_away: int = 0
    heard: list[Frame] = field(default_factory=list)
    connections: list[asyncio.Task[None]] = field(default_factory=list)

    def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection."""
        self.connections.append(asyncio.ensure_future(self.speak(reader, writer)))

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say it, and listen to the end."""
        with contextlib.suppress(ConnectionError):
            if len(self.connections) > self.turned_away:
                writer.write(self.said)
                while frame := await read_frame(reader):
                    self.heard.append(frame)
                    if isinstance(frame, Request) and not self.is_silent:
                        break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def other_end(path: Path, *said: Frame | bytes, **how: Any) -> AsyncIterator[OtherEnd]:  # noqa: ANN401 - OtherEnd's
    whole = b"".join(item if isinstance(item, bytes) else encode(item) for item in said)
    end = OtherEnd(whole, **how)
    async with await asyncio.start_unix_server(end.receive, path):
        try:
            yield end
        finally:
            await asyncio.wait_for(asyncio.gather(*end.connections), 5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the socket's place."""
    return tmp_path / "mind.sock"


def test_the_passages_of_all_parts_are_what_was_found(path: Path) -> None:
    async def steps() -> None:
        said: list[Frame] = [Hello(), Part(1, [PLAIN, PLAIN]), Part(1, [PLAIN]), OVER]
        async with other_end(path, *said) as end:
            request = SearchRequest("git", ("package",), 5)
            assert await Mind(path).search(request) == [GIT] * 3
        params: dict[str, Value] = {"query": "git", "kinds": ["package"], "limit": 5}
        assert end.heard == [Hello(), Request(1, "search", params)]

    asyncio.run(steps())


def test_one_name_is_not_waited_for_as_long_as_a_search(path: Path) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), is_silent=True):
            with pytest.raises(MindUnavailable, match=r"did not answer within 0\.01 s"):
                await Mind(path, name_seconds=0.01).describe(NameRequest("package", "git"))

    asyncio.run(steps())


def test_more_than_was_asked_for_is_not_taken(path: Path) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), Part(1, [PLAIN] * 30), OVER):
            assert len(await Mind(path).search(QUERY)) == 10

    asyncio.run(steps())


def test_the_status_is_what_the_mind_tells_of_its_index(path: Path) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), Reply(1, {"package": 3})):
            assert await Mind(path).status() == {"package": 3}

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure(1, "InvalidText", "Say it again."), InvalidText),
        (Failure(1, "NotReady", "There is no index."), NotReady),
        (Failure(1, "Internal", "secret"), MindUnavailable),
        (Failure(1, "NotAuthorized", "secret"), MindUnavailable),
        (Failure(1, "SystemExit", "secret"), MindUnavailable),
        (Failure(1, "InvalidText", "secret \x1b[2J"), MindUnavailable),
    ],
)
def test_only_what_a_search_can_have_is_passed_on(
    path: Path, failure: Failure, kind: type[Exception]
) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), failure):
            with pytest.raises(kind) as caught:
                await Mind(path).search(QUERY)
            assert "secret" not in str(caught.value)

    asyncio.run(steps())


HELLO = encode(Hello())


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"HTTP/1.1 400 Bad Request\r\n",
        encode(Hello(version=2)),
        encode(OVER),
        HELLO,
        HELLO + b"\0\0",
        HELLO + encode(Part(1, [PLAIN])),
        HELLO + encode(Part(1, [PLAIN]))[:-1],
        HELLO + encode(Part(1, "git")) + encode(OVER),
        HELLO + encode(Part(1, [{**PLAIN, "line": "x"}])) + encode(OVER),
        HELLO + encode(Part(1, [{**PLAIN, "run": "reboot"}])) + encode(OVER),
        HELLO + encode(Hello()),
        HELLO + encode(Cancel(1)),
        HELLO + encode(Part(1, "x" * (MAX_BYTES // 2))) * 3 + encode(OVER),
    ],
    ids=lambda said: f"{len(said)} {said[-20:]!r}",
)
def test_an_end_or_rubbish_at_any_point_is_one_named_error(path: Path, said: bytes) -> None:
    async def steps() -> None:
        async with other_end(path, said):
            with pytest.raises(MindUnavailable):
                await Mind(path).search(QUERY)
        path.unlink(missing_ok=True)
        async with other_end(path, Hello(), Part(1, [PLAIN]), OVER):
            assert await Mind(path).search(QUERY) == [GIT]

    asyncio.run(steps())


def test_a_connection_that_ends_before_it_is_greeted_is_made_once_more(path: Path) -> None:
    async def steps() -> None:
        said: list[Frame] = [Hello(), Part(1, [PLAIN]), OVER]
        async with other_end(path, *said, turned_away=1) as end:
            assert await Mind(path).search(QUERY) == [GIT]
            assert len(end.connections) == 2
        path.unlink(missing_ok=True)
        async with other_end(path, *said, turned_away=5) as end:
            with pytest.raises(MindUnavailable):
                await Mind(path).search(QUERY)
            assert len(end.connections) == 2

    asyncio.run(steps())


def test_a_mind_that_says_nothing_is_given_up_and_told_so(path: Path) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), is_silent=True) as end:
            with pytest.raises(MindUnavailable, match=r"took longer than 0\.05 seconds"):
                await Mind(path, call_seconds=0.05).search(QUERY)
            await until(lambda: Cancel(1) in end.heard)

    asyncio.run(steps())


def test_a_call_that_is_cancelled_is_told_to_the_mind(path: Path) -> None:
    async def steps() -> None:
        async with other_end(path, Hello(), is_silent=True) as end:
            asking = asyncio.ensure_future(Mind(path).search(QUERY))
            await until(lambda: len(end.heard) == 2)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await until(lambda: Cancel(1) in end.heard)

    asyncio.run(steps())


def test_without_a_socket_or_a_listener_the_mind_is_not_there(path: Path) -> None:
    async def steps() -> None:
        with pytest.raises(MindUnavailable, match="is not there"):
            await Mind(path).search(QUERY)
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(str(path))
        with pytest.raises(MindUnavailable, match="is not there"):
            await Mind(path).search(QUERY)

    asyncio.run(steps())


def a_step(phase: str, done: int = 0, total: int = -1) -> Part:
    """Return the frame of a step."""
    return Part(1, {"phase": phase, "done": done, "total": total})


REPORT: dict[str, Value] = {"documents": {"option": 3}, "failures": {"/a": "No."}, "is_new": True}


async def ingested(path: Path) -> tuple[IndexReport, list[IndexStep]]:
    """Index; return the report and the steps."""
    steps: list[IndexStep] = []
    return await Mind(path, 0.2).ingest(IndexRequest("/a"), steps.append), steps


def test_each_step_of_indexing_is_handed_on_and_then_the_report(path: Path) -> None:
    async def steps() -> None:
        said = (Hello(), a_step("reading"), a_step("encoding", 5, 10), Reply(1, REPORT))
        async with other_end(path, *said) as end:
            report, told = await ingested(path)
        assert report == IndexReport({"option": 3}, {"/a": "No."})
        assert told == [IndexStep("reading"), IndexStep("encoding", 5, 10)]
        assert end.heard == [Hello(), Request(1, "ingest", {"source": "/a"})]

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((Hello(), a_step("reading")), MindUnavailable),
        ((Hello(), Part(1, "reading"), Reply(1, REPORT)), MindUnavailable),
        ((Hello(), Part(1, {"phase": "x" * 300_000}), Reply(1, REPORT)), MindUnavailable),
        ((Hello(), Reply(1, {"documents": 3})), MindUnavailable),
        ((Hello(), Reply(1, {**REPORT, "uid": 0})), MindUnavailable),
        ((Hello(), Failure(1, "Busy", "Wait.")), Busy),
        ((Hello(), Failure(1, "Interrupted", "It has ended.")), Interrupted),
        ((Hello(), Failure(1, "ActivationFailed", "secret")), MindUnavailable),
        ((b"\0",), MindUnavailable),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_whatever_happens_to_indexing_is_one_error_by_name(
    path: Path, said: tuple[Frame | bytes, ...], kind: type[Exception]
) -> None:
    async def steps() -> None:
        async with other_end(path, *said):
            with pytest.raises(kind) as caught:
                await ingested(path)
        assert "secret" not in str(caught.value)

    asyncio.run(steps())


def test_indexing_may_take_longer_than_a_search_but_a_mind_that_does_not_greet_is_given_up(
    path: Path,
) -> None:
    async def steps() -> None:
        async with other_end(path, is_silent=True):
            with pytest.raises(MindUnavailable, match=r"longer than 0\.2 seconds"):
                await ingested(path)
        async with other_end(path, Hello(), is_silent=True) as end:
            waiting = asyncio.ensure_future(ingested(path))
            assert not (await asyncio.wait({waiting}, timeout=0.5))[0]
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
            await until(lambda: end.heard[-1:] == [Cancel(1)])

    asyncio.run(steps())
