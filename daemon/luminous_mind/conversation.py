"""A conversation: one connection, its requests and what becomes of each."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from luminous_protocol.errors import Internal, LuminousError
from luminous_protocol.frames import (
    BadFrame,
    Cancel,
    Failure,
    Frame,
    Hello,
    Part,
    Reply,
    Request,
    encode,
    read_frame,
    read_hello,
)

if TYPE_CHECKING:
    from luminous_mind.worker import Worker
    from luminous_protocol.frames import Value

_log = logging.getLogger(__name__)


class Conversation:
    """Answers what one client asks, until it leaves or says what is no frame."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, worker: Worker
    ) -> None:
        """Let `worker` find the answers."""
        self._reader = reader
        self._writer = writer
        self._worker = worker
        self._asked: dict[int, asyncio.Task[None]] = {}

    async def hold(self) -> None:
        """Take and answer requests; what is under way at the end is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            try:
                if await read_hello(self._reader):
                    self._send(Hello())
                    await self._listen(tasks)
            except BadFrame as bad:
                self._send(Failure(0, "BadFrame", bad.message))
            except ConnectionError:
                _log.debug("a client has left in the middle of something")
            for task in self._asked.values():
                task.cancel()

    async def _listen(self, tasks: asyncio.TaskGroup) -> None:
        while (frame := await read_frame(self._reader)) is not None:
            match frame:
                case Request() if frame.id in self._asked:
                    raise BadFrame(f"The request {frame.id} is under way already.")
                case Request():
                    task = self._asked[frame.id] = tasks.create_task(self._answer(frame))
                    task.add_done_callback(partial(self._end, frame.id))
                case Cancel():
                    if frame.id in self._asked:
                        self._asked[frame.id].cancel()
                case _:
                    raise BadFrame(f"This side takes requests, and no {frame.kind}.")

    async def _answer(self, request: Request) -> None:
        async def hand_on(value: Value) -> None:
            self._send(Part(request.id, value))
            await self._writer.drain()

        try:
            self._send(Reply(request.id, await self._worker.answer(request, hand_on)))
        except ConnectionError:
            return
        except Exception as error:  # noqa: BLE001 - the edge: a defect ends no other request
            self._send(_failure(request, error))

    def _end(self, number: int, task: asyncio.Task[None]) -> None:
        """Forget a request. Told here that it was cancelled, as its task may not have begun."""
        del self._asked[number]
        if task.cancelled():
            self._send(Failure(number, "Cancelled", "The request was cancelled."))

    def _send(self, frame: Frame) -> None:
        if not self._writer.is_closing():
            self._writer.write(encode(frame))


def _failure(request: Request, error: Exception) -> Failure:
    if isinstance(error, LuminousError):
        return Failure(request.id, error.name, error.message)
    _log.error("%s failed", request.method, exc_info=error)
    return Failure(
        request.id,
        Internal.__name__,
        "Something went wrong in the search. Its log has the details.",
    )
