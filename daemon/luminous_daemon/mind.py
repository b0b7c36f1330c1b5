"""The mind, another process that searches: asked over a socket, started when somebody asks.

It has no right and is not trusted: what it says is checked and bounded, and all that goes wrong
there ends as an error of that one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pwd
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_daemon.nix.command import Command, find_program, run
from luminous_protocol.errors import (
    Interrupted,
    LuminousError,
    MindUnavailable,
    RequestError,
    StateError,
    StorageFailed,
    error_named,
)
from luminous_protocol.passages import Named, NameRequest, Passage, SearchRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.diagnosis.request import ExplainRequest
    from luminous_protocol.frames import Frame, Part, Reply, Value
    from luminous_protocol.indexing import IndexReport, IndexRequest, IndexStep
    from luminous_protocol.understanding import Judgement

    Answer = tuple[list[Value], Value]
    Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_log = logging.getLogger(__name__)

USER = "luminous-mind"
_PROGRAM = "luminous-mind"
_SYSTEMD_RUNS = Path("/run/systemd/system")
_CALL_SECONDS = 15.0
"""With the start of the process, and what it reads before it answers for the first time."""
_NAME_SECONDS = 1.0
"""Who asks for one name waits at a prompt, and Nix knows the most of it too."""
_JUDGING_SECONDS = 0.15
"""What the rules alone have read is there at once."""
_ATTEMPTS = 2
_NUMBER = 1
_LONGEST_MESSAGE = 1000
_QUICK_SECONDS = 2.0
"""A process that fails so soon is not started again for those who wait already."""
_KEPT_BYTES = 4096
_LONGEST_STEP = 256 * 1024
"""Bytes of one frame of an answer that may have any number of them."""


class Mind:
    """Asks the mind. Each call has a connection of its own, so none can spoil another."""

    def __init__(
        self, path: Path, call_seconds: float = _CALL_SECONDS, name_seconds: float = _NAME_SECONDS
    ) -> None:
        """Ask at the socket `path`; give up after `call_seconds`, for one name `name_seconds`."""
        self._path = path
        self._name_seconds = name_seconds
        self._call_seconds = call_seconds

    async def search(self, request: SearchRequest) -> list[Passage]:
        """Return what answers best. Raises `MindUnavailable`, and what the mind itself refuses."""
        from luminous_protocol.frames import BadFrame, parse  # noqa: PLC0415 - as in _call

        parts, _ = await self._call("search", {**asdict(request), "kinds": list(request.kinds)})
        try:
            found = [passage for part in parts for passage in parse(list[Passage], part)]
        except BadFrame as bad:
            raise _strange(bad) from None
        return found[: request.limit]

    async def describe(self, request: NameRequest) -> Named:
        """Return what there is under a name, at once or not at all. Raises as `search` does."""
        from luminous_protocol.frames import BadFrame, parse  # noqa: PLC0415 - as in _call

        try:
            async with asyncio.timeout(self._name_seconds):
                _, told = await self._call("describe", asdict(request))
            return parse(Named, told)
        except TimeoutError:
            raise MindUnavailable(
                f"The index did not answer within {self._name_seconds:g} s. Ask again later."
            ) from None
        except BadFrame as bad:
            raise _strange(bad) from None

    async def explain(self, request: ExplainRequest) -> Diagnosis:
        """Return what an error message means. Raises as `search` does."""
        from luminous_protocol.diagnosis import Diagnosis  # noqa: PLC0415 - as in _call
        from luminous_protocol.frames import BadFrame, parse  # noqa: PLC0415 - as in _call

        try:
            _, told = await self._call("explain", asdict(request))
            found = {**told, "place": told.get("place") or None} if isinstance(told, dict) else told
            return parse(Diagnosis, found)
        except BadFrame as bad:
            raise _strange(bad) from None

    async def judge(self, text: str) -> Judgement:
        """Say what a sentence asks for, by its likeness to examples. Raises as `search` does.

        Who types a sentence does not wait for what is only being started.
        """
        from luminous_protocol.frames import BadFrame, parse  # noqa: PLC0415 - as in _call
        from luminous_protocol.understanding import Judgement, Sentence  # noqa: PLC0415 - as in _call

        try:
            async with asyncio.timeout(_JUDGING_SECONDS):
                _, told = await self._call("judge", asdict(Sentence(text)))
            return parse(Judgement, told)
        except TimeoutError:
            raise MindUnavailable("What compares sentences did not answer in time.") from None
        except BadFrame as bad:
            raise _strange(bad) from None

    async def status(self) -> dict[str, Any]:
        """Return what is in the index. Raises as `search` does."""
        _, told = await self._call("status", {})
        return told if isinstance(told, dict) else {}

    async def ingest(
        self, request: IndexRequest, on_step: Callable[[IndexStep], None]
    ) -> IndexReport:
        """Index, however long that takes, and tell each step. Raises as `search` does."""
        from luminous_protocol.frames import BadFrame, parse  # noqa: PLC0415 - as in _call
        from luminous_protocol.indexing import IndexReport, IndexStep  # noqa: PLC0415 - as in _call

        def take(part: Value) -> None:
            on_step(parse(IndexStep, part))

        try:
            _, told = await self._call("ingest", asdict(request), take)
            return parse(IndexReport, told)
        except BadFrame as bad:
            raise _strange(bad) from None

    async def _call(
        self,
        method: str,
        params: dict[str, Value],
        on_part: Callable[[Value], None] | None = None,
    ) -> Answer:
        """Ask, and return the answer; with `on_part` that may take as long as it wants."""
        from luminous_protocol.frames import BadFrame, Request  # noqa: PLC0415 - not at the start

        try:
            async with asyncio.timeout(None if on_part else self._call_seconds):
                return await self._converse(Request(_NUMBER, method, params), on_part)
        except TimeoutError:
            raise MindUnavailable(
                f"The search took longer than {self._call_seconds:g} seconds. Try again later."
            ) from None
        except BadFrame as bad:
            raise _strange(bad) from None
        except (OSError, EOFError) as error:
            _log.warning("the mind: %s", str(error) or "it ended in the middle of a request")
            raise MindUnavailable(
                "What searches is not there, or has ended in the middle of it. Try again."
            ) from None

    async def _converse(self, request: Frame, on_part: Callable[[Value], None] | None) -> Answer:
        from luminous_protocol.frames import Cancel, encode  # noqa: PLC0415 - as in _call

        async with asyncio.timeout(self._call_seconds):
            reader, writer = await self._connect()
        try:
            writer.write(encode(request))
            return await (_follow(reader, on_part) if on_part else _hear_out(reader))
        except asyncio.CancelledError:
            writer.write(encode(Cancel(_NUMBER)))
            raise
        finally:
            writer.close()

    async def _connect(self) -> Streams:
        """Connect, and greet; once more where the mind was just about to leave."""
        from luminous_protocol.frames import Hello, encode, read_hello  # noqa: PLC0415 - as in _call

        for _ in range(_ATTEMPTS):
            reader, writer = await asyncio.open_unix_connection(self._path)
            try:
                writer.write(encode(Hello()))
                if await read_hello(reader):
                    return reader, writer
            except ConnectionError as error:
                _log.debug("the mind left before it greeted: %s", error)
            except BaseException:
                writer.close()
                raise
            writer.close()
        raise EOFError("it ended before it greeted")


async def _hear_out(reader: asyncio.StreamReader) -> Answer:
    """Return the parts and the end of the only answer; all of it is as long as one frame."""
    from luminous_protocol import frames  # noqa: PLC0415 - as in _call

    parts: list[Value] = []
    left = frames.MAX_BYTES
    while content := await frames.read_content(reader, left):
        left -= len(content)
        frame = _answer_in(content)
        if isinstance(frame, frames.Reply):
            return parts, frame.result
        parts.append(frame.value)
    raise EOFError


async def _follow(reader: asyncio.StreamReader, on_part: Callable[[Value], None]) -> Answer:
    """Hand on the parts as they come, each at most as long as a frame, and return the end."""
    from luminous_protocol import frames  # noqa: PLC0415 - as in _call

    while content := await frames.read_content(reader, _LONGEST_STEP):
        frame = _answer_in(content)
        if isinstance(frame, frames.Reply):
            return [], frame.result
        on_part(frame.value)
    raise EOFError


def _answer_in(content: bytes) -> Part | Reply:
    """Return what answers. Raises what the mind tells that went wrong, and `BadFrame`."""
    from luminous_protocol import frames  # noqa: PLC0415 - as in _call

    match frames.decode(content):
        case frames.Part() | frames.Reply() as answer:
            return answer
        case frames.Failure() as failure:
            raise _told(failure.name, failure.message)
        case other:
            raise frames.BadFrame(f"A {other.kind} is no answer.")


def _told(name: str, message: str) -> LuminousError:
    """Return the error that the mind tells of, as far as it is one that a search can have."""
    error = error_named(name, message[:_LONGEST_MESSAGE])
    if (
        isinstance(error, RequestError | StateError | Interrupted | StorageFailed)
        and error.message.isprintable()
    ):
        return error
    _log.warning("the mind answered with %s: %r", error.name, error.message)
    return MindUnavailable("What searches has failed. The journal has the details.")


def _strange(error: Exception) -> MindUnavailable:
    _log.warning("the mind answered what cannot be read: %s", error)
    return MindUnavailable("What searches has answered what cannot be read. Try again.")


class Activation:
    """Does for the mind what systemd does where it runs: listens, and starts it for who comes."""

    def __init__(
        self, path: Path, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    ) -> None:
        """Listen at `path`, once it has begun; start tasks with `spawn`."""
        self._path = path
        self._spawn = spawn
        self._listening: socket.socket | None = None
        self._running: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Listen, unless systemd does; what goes wrong is logged, as searching is all it costs."""
        if _SYSTEMD_RUNS.exists():
            return
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._path.unlink(missing_ok=True)
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen()
        except OSError as error:
            _log.error("nothing can be searched: %s: %s", self._path, error)
            listening.close()
            return
        self._listening = listening
        self._watch(listening)

    def stop(self) -> None:
        """Listen no more, and end the mind."""
        if self._running:
            self._running.cancel()
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._path.unlink(missing_ok=True)
            self._listening = None

    def _watch(self, listening: socket.socket) -> None:
        asyncio.get_running_loop().add_reader(listening, self._start, listening)

    def _start(self, listening: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(listening)
        self._running = self._spawn(self._run(listening))

    async def _run(self, listening: socket.socket) -> None:
        """Run the mind to its end; then whoever comes next, or waits already, starts another."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        problem = await _run_mind(listening)
        self._running = None
        if problem:
            _log.warning("the mind has ended: %s", problem)
            if loop.time() - began < _QUICK_SECONDS:
                _turn_away(listening)
        self._watch(listening)


async def _run_mind(listening: socket.socket) -> str:
    """Run the mind on a socket; return what was wrong at its end."""
    program = find_program(_PROGRAM, (str(Path(sys.argv[0]).parent),))
    if program is None:
        return f"there is no program {_PROGRAM}"
    # Never as root, for which there is a user; a daemon that is not root is for trying things.
    user = USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    argv = ("setpriv", "--no-new-privs", "--", program)
    command = Command(argv, user=user, kept=_KEPT_BYTES, listening=listening.fileno())
    try:
        outcome = await run(command, _log.info)
    except KeyError:
        return f"there is no user {user}"
    except OSError as error:
        return str(error)
    return f"with status {outcome.status}" if outcome.status else ""


def _turn_away(listening: socket.socket) -> None:
    """Let those who wait know that nobody will answer them."""
    with contextlib.suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()
