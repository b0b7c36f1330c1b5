"""Replies whose body is encoded already: what is asked often and seldom changes is encoded once.

The bytes are those of the D-Bus specification, "Message Format"; the fields are named there.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_ALIGNMENT = 8
_METHOD_RETURN = 2
_VERSION = 1
_REPLY_SERIAL, _DESTINATION, _SIGNATURE = 5, 6, 8
_LENGTH_AT = slice(4, 8)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a message's body and what they are."""

    signature: str
    content: bytes

    @classmethod
    def of(cls, signature: str, message: bytes) -> Body:
        """Take the body out of a whole message with that signature, in little endian."""
        length = int.from_bytes(message[_LENGTH_AT], "little")
        return cls(signature, message[len(message) - length :])


@dataclass(slots=True)
class Reply:
    """A method's reply, in the form that both bus libraries' writers send."""

    destination: str
    reply_serial: int
    body: Body
    serial: int = 0
    unix_fds: list[int] = field(default_factory=list)

    def _marshall(self, *_: object, **__: object) -> bytes:
        """Return the whole message; the writers also say whether it may carry file descriptors."""
        destination = self.destination.encode()
        signature = self.body.signature.encode()
        fields = b"".join(
            (
                _padded(struct.pack("<BBcxI", _REPLY_SERIAL, 1, b"u", self.reply_serial)),
                _padded(
                    struct.pack("<BBcxI", _DESTINATION, 1, b"s", len(destination))
                    + destination
                    + b"\0"
                ),
                struct.pack("<BBcxB", _SIGNATURE, 1, b"g", len(signature)) + signature + b"\0",
            )
        )
        start = struct.pack(
            "<cBBBIII",
            b"l",
            _METHOD_RETURN,
            0,
            _VERSION,
            len(self.body.content),
            self.serial,
            len(fields),
        )
        return _padded(start + fields) + self.body.content


def _padded(part: bytes) -> bytes:
    return part + b"\0" * (-len(part) % _ALIGNMENT)
