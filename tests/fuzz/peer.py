"""The peer: a bus that keeps no rules, so that a connection gets messages that no bus lets pass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tests.fuzz.wire import REPLY_SERIAL, RETURN, SENDER, Message, call

if TYPE_CHECKING:
    from pathlib import Path

PING = ("org.freedesktop.DBus.Peer", "Ping")
SENDER_NAME = ":1.7"
_PONG_SECONDS = 5.0


class Peer:
    """A listening socket, and the one connection that was made to it last."""

    def __init__(self, path: Path) -> None:
        """Listen at `path` once entered."""
        self.path = path
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._ready = asyncio.Event()
        self._serial = 1_000_000

    @property
    def address(self) -> str:
        """Where to connect to."""
        return f"unix:path={self.path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._welcome, str(self.path))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Close the connection."""
        if self._writer:
            self._writer.close()
            self._writer = None
        self._ready.clear()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let anybody in, and answer the greeting."""
        await reader.readuntil(b"\r\n")
        writer.write(b"OK 0123456789abcdef0123456789abcdef\r\n")
        await reader.readuntil(b"BEGIN\r\n")
        hello = await _read_message(reader)
        name = Message(
            [(REPLY_SERIAL, "u", _serial_of(hello)), (SENDER, "s", "org.freedesktop.DBus")],
            "s",
            [":1.1"],
            kind=RETURN,
        )
        writer.write(name.encode())
        self._reader, self._writer = reader, writer
        self._ready.set()

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        await self._ready.wait()
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()

    async def survives(self, data: bytes) -> bool:
        """Send bytes and then a ping; tell whether it is answered, or the connection was ended.

        Raises TimeoutError when neither comes to pass.
        """
        self._serial += 1
        ping = call(":1.1", "/org/luminous1", PING, serial=self._serial)
        ping.headers.append((SENDER, "s", SENDER_NAME))
        try:
            await self.send(data + ping.encode())
            assert self._reader is not None
            async with asyncio.timeout(_PONG_SECONDS):
                while _reply_serial_of(await _read_message(self._reader)) != self._serial:
                    pass
        except (ConnectionError, asyncio.IncompleteReadError):
            return False
        return True


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    """Read a whole message in little endian, as the libraries send them."""
    head = await reader.readexactly(16)
    body = int.from_bytes(head[4:8], "little")
    fields = int.from_bytes(head[12:16], "little")
    return head + await reader.readexactly(fields + -fields % 8 + body)


def _serial_of(message: bytes) -> int:
    return int.from_bytes(message[8:12], "little")


def _reply_serial_of(message: bytes) -> int:
    """Find the serial that a reply answers: its header field begins with the code and `u`."""
    place = message.find(bytes([REPLY_SERIAL, 1]) + b"u\0")
    return int.from_bytes(message[place + 4 : place + 8], "little") if place >= 0 else 0
