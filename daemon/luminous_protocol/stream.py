"""The stream that a bus library reads and writes, where it is too greedy or gives up too soon."""

from __future__ import annotations

import fcntl
import sys
import termios
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_READ_BYTES = 32 * 1024
_READS = 8
_MOST_UNREAD = 8 * 1024


class PatientSocket:
    """A socket whose full buffer is no error.

    Both libraries end the connection when `send` raises BlockingIOError, so a burst of signals
    costs a daemon its place on the bus. Zero bytes sent makes them wait until the socket is
    writable, as they do after a partial write.
    """

    def __init__(self, wrapped: socket.socket) -> None:
        """Send with `wrapped`."""
        self._wrapped = wrapped

    def send(self, data: bytes) -> int:
        """Send what fits."""
        try:
            return self._wrapped.send(data)
        except BlockingIOError:
            return 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._wrapped, name)


class OwnReader:
    """The event loop, as the library sees it: whoever wants to read, reads with `read`.

    Both libraries handle all that can be read before anything else has a turn, so that one client
    that sends without end is all that a daemon ever sees.
    """

    def __init__(self, loop: Any, read: Callable[[], None]) -> None:  # noqa: ANN401 - the library's loop
        self._loop = loop
        self._read = read

    def add_reader(self, file: int, _theirs: Callable[..., None], *_: object) -> None:
        """Read with our own function instead."""
        self._loop.add_reader(file, self._read)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a loop has
        return getattr(self._loop, name)


def read_some(connected: socket.socket) -> bytes:
    """Return what can be read now, up to a bound. Raises EOFError at the end of the stream."""
    found = b""
    try:
        for _ in range(_READS):
            data = connected.recv(_READ_BYTES)
            found += data
            if len(data) < _READ_BYTES:
                break
    except BlockingIOError:
        return found
    if not found:
        raise EOFError
    return found


def is_behind(connected: socket.socket) -> bool:
    """Tell whether the other end has much of what was sent still to read (unix(7), SIOCOUTQ).

    What is answered to one client meanwhile would keep others waiting: for ever, when a bus reads
    nothing more.
    """
    unread = fcntl.ioctl(connected, termios.TIOCOUTQ, b"\0\0\0\0")
    return int.from_bytes(unread, sys.byteorder) > _MOST_UNREAD
