"""A server on a real socket, with a retriever that can be held, and that can fail."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_mind.listening import bind
from luminous_mind.methods import Knowledge
from luminous_mind.server import Server
from luminous_protocol.frames import Hello, encode, read_frame
from luminous_protocol.passages import Named, NameRequest, Passage, SearchRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from luminous_protocol.frames import Frame, Value

GIT = Passage(
    "package:git", "package", "git", "A version control system", "", 0, "", 2.5, ("name",)
)


@dataclass
class FakeRetriever:
    """Finds one passage as often as it is asked for, and does what the query tells it to."""

    asked: list[SearchRequest] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def search(self, request: SearchRequest) -> list[Passage]:
        """Find `limit` passages; "wait" waits for the gate, "crash" has a defect."""
        self.asked.append(request)
        if request.query == "wait":
            self.begun.set()
            self.gate.wait(10)
        if request.query == "crash":
            raise ZeroDivisionError("secret")
        return [GIT] * (0 if request.query == "nothing" else request.limit)

    def look_up(self, request: NameRequest) -> Named:
        """Know the package git, and nothing else."""
        if (request.kind, request.name) == ("package", "git"):
            return Named(GIT)
        return Named(nearest=("git",))

    def package(self, word: str) -> str:
        """Know the package git."""
        return "git" if word == "git" else ""

    def describe(self) -> dict[str, Value]:
        """Tell of one package."""
        return {"package": 1}


@dataclass
class Asker:
    """One connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *frames: Frame) -> None:
        """Send frames."""
        self.writer.write(b"".join(map(encode, frames)))

    async def hear(self) -> Frame | None:
        """Return the next frame."""
        return await asyncio.wait_for(read_frame(self.reader), 5)

    async def hear_end(self) -> list[Frame]:
        """Return all frames up to the end of the connection."""
        found = []
        # The kernel says so, where the other end closes with something unread.
        with contextlib.suppress(ConnectionResetError):
            while (frame := await self.hear()) is not None:
                found.append(frame)
        return found


@dataclass
class Room:
    """A server that runs, and where it can be reached."""

    path: Path
    server: Server
    retriever: FakeRetriever
    running: asyncio.Task[None]

    @contextlib.asynccontextmanager
    async def connected(self, *, greeted: bool = True) -> AsyncIterator[Asker]:
        """Connect, and leave at the end."""
        asker = Asker(*await asyncio.open_unix_connection(self.path))
        if greeted:
            asker.send(Hello())
            assert await asker.hear() == Hello()
        try:
            yield asker
        finally:
            asker.writer.close()
            with contextlib.suppress(ConnectionError):
                await asker.writer.wait_closed()


@contextlib.asynccontextmanager
async def served(folder: Path, idle_seconds: float = 60.0) -> AsyncIterator[Room]:
    """Run a server; at the end it is stopped, unless it has gone."""
    index = folder / "index"
    index.mkdir()
    retriever = FakeRetriever()
    server = Server(Knowledge(index, lambda _: retriever).methods(), idle_seconds)
    path = folder / "mind.sock"
    running = asyncio.ensure_future(server.serve(bind(path)))
    try:
        yield Room(path, server, retriever, running)
    finally:
        retriever.gate.set()
        server.stop()
        await asyncio.wait_for(running, 5)
