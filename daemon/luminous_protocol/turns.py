"""Turns: messages cut out of a connection's stream, and given out one sender after another.

All senders share one stream, so whoever sends without end would be all that is ever read. Here what
comes in is cut apart at once, which is cheap, and waits in a queue of its sender's; what does not
fit there is refused. The bytes are those of the D-Bus specification, "Message Format".
"""

from __future__ import annotations

import struct
from collections import deque
from typing import NamedTuple

MOST_WAITING = 128
"""Messages of one sender, as many as a bus lets wait for a reply."""
MOST_BYTES = 4 * 1024 * 1024
"""Bytes of one sender, if there is more than one message."""
PATIENT = 8
"""Who has no more than so many messages waiting is served as fast as that is possible."""
PAUSE_SECONDS = 0.004
MOST_OF_ALL = 64 * 1024 * 1024

_BUS = "org.freedesktop.DBus"
_HEADER = 16
_REMEMBERED = 256
_LONGEST_REMEMBERED = 1024
_LONGEST = 2**27
_SENDER = 7
_REPLIES = {2, 3}
_CALL = 1
_NO_REPLY_EXPECTED = 1
_LITTLE, _BIG = ord("l"), ord("B")
_LENGTH = {_LITTLE: struct.Struct("<I"), _BIG: struct.Struct(">I")}
_LENGTHS = {_LITTLE: struct.Struct("<III"), _BIG: struct.Struct(">III")}
_TEXTS, _NUMBER, _SIGNATURE = b"so", ord("u"), ord("g")


class Refused(NamedTuple):
    """A call for which there is no room: who waits for an answer to which serial."""

    sender: str
    serial: int


class Turns:
    """What has come in and is still to be handled."""

    def __init__(self) -> None:
        """Nothing has come in."""
        self._buffer = bytearray()
        self._replies: deque[bytes] = deque()
        self._calls: dict[str, deque[bytes]] = {}
        self._sizes: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._size = 0
        self._senders: dict[bytes, str] = {}

    def feed(self, data: bytes) -> list[Refused]:
        """Take in what was read; return the calls for which there is no room.

        Raises ValueError for what is no stream of messages.
        """
        self._buffer += data
        begin, refused = 0, []
        while end := self._end_of(begin):
            answer = self._sort(bytes(self._buffer[begin:end]))
            if answer:
                refused.append(answer)
            begin = end
        if begin:
            del self._buffer[:begin]
        return refused

    def take_reply(self) -> bytes | None:
        """Return the next message that is an answer, or is from the bus itself."""
        return self._replies.popleft() if self._replies else None

    def take(self, now: float) -> bytes | None:
        """Return the next message of whoever has waited for longest, if anybody's turn has come.

        Who has many waiting has a turn only now and then: else all would wait for the processor.
        """
        for sender, waiting in self._calls.items():
            if len(waiting) <= PATIENT or self._due.get(sender, now) <= now:
                break
        else:
            return None
        del self._calls[sender]
        frame = waiting.popleft()
        self._size -= len(frame)
        self._sizes[sender] -= len(frame)
        if waiting:
            self._calls[sender] = waiting  # behind the others
            self._due[sender] = now + PAUSE_SECONDS
        else:
            del self._sizes[sender]
            self._due.pop(sender, None)
        return frame

    def senders(self) -> int:
        """Return how many have something waiting."""
        return len(self._calls)

    def _end_of(self, begin: int) -> int:
        """Return where the message that begins at `begin` ends; 0 when it is not whole yet."""
        buffer = self._buffer
        if len(buffer) - begin < _HEADER:
            return 0
        lengths = _LENGTHS.get(buffer[begin])
        if lengths is None:
            raise ValueError("no D-Bus message begins so")
        body, _, fields = lengths.unpack_from(buffer, begin + 4)
        length = _HEADER + (fields + 7 & ~7) + body
        if length > _LONGEST:
            raise ValueError("a D-Bus message of that length is not allowed")
        return begin + length if len(buffer) - begin >= length else 0

    def _sort(self, frame: bytes) -> Refused | None:
        """Put a message where it waits; return what to answer when there is no room."""
        sender = self._sender_of(frame)
        if frame[1] in _REPLIES or sender == _BUS:
            self._replies.append(frame)
            return None
        waiting, size = self._calls.get(sender), self._sizes.get(sender, 0) + len(frame)
        is_full = waiting is not None and (len(waiting) >= MOST_WAITING or size > MOST_BYTES)
        if is_full or self._size + len(frame) > max(MOST_OF_ALL, len(frame)):
            is_waited_for = frame[1] == _CALL and not frame[2] & _NO_REPLY_EXPECTED
            serial = _LENGTH[frame[0]].unpack_from(frame, 8)[0]
            return Refused(sender, serial) if is_waited_for else None
        if waiting is None:
            self._calls[sender] = deque((frame,))
        else:
            waiting.append(frame)
        self._sizes[sender] = size
        self._size += len(frame)
        return None

    def _sender_of(self, frame: bytes) -> str:
        """Return who has sent a message; what many messages have in common is looked at once."""
        fields = frame[12 : _HEADER + _LENGTH[frame[0]].unpack_from(frame, 12)[0]]
        sender = self._senders.get(fields)
        if sender is None:
            if len(self._senders) >= _REMEMBERED or len(fields) > _LONGEST_REMEMBERED:
                self._senders.clear()
            sender = self._senders[fields] = sender_of(frame)
        return sender


def sender_of(frame: bytes) -> str:
    """Return who has sent a message, as the bus says; nothing where that cannot be found."""
    length_of = _LENGTH[frame[0]].unpack_from
    at, end = _HEADER, _HEADER + length_of(frame, 12)[0]
    while at < end:
        at = at + 7 & ~7
        code, kind = frame[at], frame[at + 2]
        if frame[at + 1] != 1:
            return ""
        at += 4
        if kind in _TEXTS:
            length = length_of(frame, at)[0]
            if code == _SENDER:
                return frame[at + 4 : at + 4 + length].decode("ascii", "replace")
            at += 4 + length + 1
        elif kind == _NUMBER:
            at += 4
        elif kind == _SIGNATURE:
            at += 1 + frame[at] + 1
        else:
            return ""
    return ""
