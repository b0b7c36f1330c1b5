"""The server: who may connect, and until when it is worth staying."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from typing import TYPE_CHECKING

from luminous_mind.conversation import Conversation
from luminous_mind.worker import Worker
from luminous_protocol.frames import Failure, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_mind.worker import Job, Method

_log = logging.getLogger(__name__)

_CREDENTIALS = struct.Struct("3i")
"""pid, uid and gid: struct ucred of unix(7)."""


class Server:
    """Answers on one socket until it is told to stop, or nobody is there for a while."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        idle_seconds: float,
        jobs: Mapping[str, Job] | None = None,
    ) -> None:
        """Answer with `methods` and `jobs`; end after so long without a connection."""
        self._worker = Worker(methods, jobs or {})
        self._idle_seconds = idle_seconds
        self._stopping = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._leaving: asyncio.TimerHandle | None = None

    async def serve(self, listening: socket.socket) -> None:
        """Answer on `listening`, which is closed at the end; a path that it has stays."""
        # Not start_unix_server, which would remove the path of a socket that is not ours.
        server = await asyncio.start_server(self._receive, sock=listening)
        self._await_somebody()
        await self._stopping.wait()
        server.close()
        self._worker.stop()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._leaving:
            self._leaving.cancel()

    def stop(self) -> None:
        """End, and whatever is under way with it."""
        self._stopping.set()

    def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._leaving:
            self._leaving.cancel()
        task = asyncio.get_running_loop().create_task(self._hold(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._forget)

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _is_welcome(writer):
                await Conversation(reader, writer, self._worker).hold()
        finally:
            writer.close()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        if not self._connections:
            self._await_somebody()

    def _await_somebody(self) -> None:
        if self._stopping.is_set():
            return
        self._leaving = asyncio.get_running_loop().call_later(self._idle_seconds, self._leave)

    def _leave(self) -> None:
        _log.info("nobody has asked anything for %g seconds; leaving", self._idle_seconds)
        self.stop()


def _is_welcome(writer: asyncio.StreamWriter) -> bool:
    """Tell whether the client is root or ourselves; the kernel says who it is."""
    connected = writer.get_extra_info("socket")
    sent = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(sent)
    if uid in {0, os.geteuid()}:
        return True
    _log.warning("user %d was turned away", uid)
    writer.write(encode(Failure(0, "NotAuthorized", "Only the daemon may ask here.")))
    return False
