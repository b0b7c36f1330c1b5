"""The line: a bare connection to a message bus, on which any bytes can be sent."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING, Self

from jeepney import HeaderFields, MessageType
from jeepney.low_level import Parser

from tests.fuzz.wire import Message, call

if TYPE_CHECKING:
    from jeepney import Message as Received

BUS = "org.freedesktop.DBus"
_SECONDS = 30.0
_CHUNK = 65_536


class Line:
    """A socket to the bus. What comes in is well-formed, so a library reads it."""

    def __init__(self, path: str) -> None:
        """Connect to the socket at `path`, authenticate and say hello."""
        self.serial = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._parser = Parser()
        self._waiting: list[Received] = []
        try:
            self._socket.settimeout(_SECONDS)
            self._socket.connect(path)
            self._authenticate()
            self.name = str(self.ask(call(BUS, "/org/freedesktop/DBus", (BUS, "Hello"))).body[0])
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _authenticate(self) -> None:
        identity = str(os.getuid()).encode().hex().encode()
        self._socket.sendall(b"\0AUTH EXTERNAL " + identity + b"\r\n")
        self._expect(b"OK")
        self._socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        self._expect(b"AGREE_UNIX_FD")
        self._socket.sendall(b"BEGIN\r\n")

    def _expect(self, word: bytes) -> None:
        answer = b""
        while not answer.endswith(b"\r\n"):
            answer += self._socket.recv(1)
        if not answer.startswith(word):
            raise ConnectionError(answer.decode(errors="replace"))

    def send(self, message: Message) -> int:
        """Send a message with a serial of its own, unless it has one; return the serial."""
        if message.serial <= 1:
            self.serial += 1
            message.serial = self.serial + 1
        self.send_bytes(message.encode(), message.files)
        return message.serial

    def send_bytes(self, data: bytes, files: int = 0) -> None:
        """Send bytes, the first of them with that many file descriptors."""
        if files:
            with open(os.devnull, "rb") as null:  # noqa: PTH123 - its number is what is sent
                numbers = array.array("i", [null.fileno()] * files)
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
                sent = self._socket.sendmsg([data], ancillary)
            data = data[sent:]
        self._socket.sendall(data)

    def receive(self, seconds: float = _SECONDS) -> Received | None:
        """Return the next message, or None when none comes in time. Raises when hung up."""
        deadline = time.monotonic() + seconds
        while not self._waiting:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(_CHUNK)
            except TimeoutError:
                return None
            finally:
                self._socket.settimeout(_SECONDS)
            if not data:
                raise ConnectionResetError("The bus has hung up.")
            self._parser.add_data(data)
            while (message := self._parser.get_next_message()) is not None:
                self._waiting.append(message)
        return self._waiting.pop(0)

    def ask(self, message: Message) -> Received:
        """Send a call and return its reply."""
        serial = self.send(message)
        while (answer := self.receive()) is not None:
            if answer.header.fields.get(HeaderFields.reply_serial) == serial:
                return answer
        raise TimeoutError("Nobody has answered.")

    def is_cut(self, seconds: float) -> bool:
        """Tell whether the bus hangs up in time."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < deadline:
                self.receive(deadline - time.monotonic())
            return False
        return True


def error_of(reply: Received) -> tuple[str, str]:
    """Return an error reply's name and text; empty for another message."""
    if reply.header.message_type is not MessageType.error:
        return "", ""
    name = str(reply.header.fields[HeaderFields.error_name])
    return name, str(reply.body[0]) if reply.body else ""
