"""The wire: D-Bus messages written byte by byte, as right or as wrong as somebody wants them.

Written from the D-Bus specification ("Message Protocol") and without any library, because a library
refuses to send what is of interest here. Values are plain; a variant is a pair of its signature and
its value, a dictionary a list of pairs, so that keys can come twice.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
NO_REPLY, NO_AUTO_START = 1, 2
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL = 1, 2, 3, 4, 5
DESTINATION, SENDER, SIGNATURE, UNIX_FDS = 6, 7, 8, 9

Header = tuple[int, str, Any]
"""Code, signature and value of a header field."""

_FIXED = {
    "y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I",
    "x": "q", "t": "Q", "d": "d", "h": "I",
}  # fmt: skip
_ALIGNMENT = {"s": 4, "o": 4, "a": 4, "g": 1, "v": 1, "(": 8, "{": 8}


def split(signature: str) -> list[str]:
    """Split a signature into its complete types."""
    found = []
    while signature:
        end = _end_of_type(signature)
        found.append(signature[:end])
        signature = signature[end:]
    return found


def _end_of_type(signature: str) -> int:
    if signature[0] == "a":
        return 1 + _end_of_type(signature[1:])
    if signature[0] not in "({":
        return 1
    depth = 0
    for place, letter in enumerate(signature, 1):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0:
            return place
    raise ValueError(signature)


class Writer:
    """Bytes of values in one byte order: `<` is little-endian, `>` big-endian."""

    def __init__(self, order: str) -> None:
        """Begin with nothing."""
        self.order = order
        self.data = bytearray()

    def align(self, size: int) -> None:
        """Fill up with zeros."""
        self.data.extend(b"\0" * (-len(self.data) % size))

    def fixed(self, letter: str, value: float) -> None:
        """Write a number."""
        code = _FIXED[letter]
        self.align(struct.calcsize(code))
        self.data.extend(struct.pack(self.order + code, value))

    def write(self, signature: str, values: list[Any]) -> None:
        """Write a value for each complete type of `signature`."""
        for kind, value in zip(split(signature), values, strict=True):
            self.value(kind, value)

    def value(self, kind: str, value: Any) -> None:  # noqa: ANN401 - any D-Bus value
        """Write one value."""
        match kind[0]:
            case "s" | "o":
                raw = value if isinstance(value, bytes) else value.encode()
                self.fixed("u", len(raw))
                self.data.extend(raw + b"\0")
            case "g":
                raw = value if isinstance(value, bytes) else value.encode()
                self.data.extend(bytes([len(raw)]) + raw + b"\0")
            case "v":
                inner, content = value
                self.value("g", inner)
                self.value(inner, content)
            case "(" | "{":
                self.align(8)
                self.write(kind[1:-1], list(value))
            case "a":
                self._array(kind[1:], value)
            case letter:
                self.fixed(letter, value)

    def _array(self, kind: str, values: Any) -> None:  # noqa: ANN401 - a list, or bytes of `ay`
        self.fixed("u", 0)
        place = len(self.data) - 4
        fixed = _FIXED.get(kind)
        self.align(struct.calcsize(fixed) if fixed else _ALIGNMENT[kind[0]])
        start = len(self.data)
        if isinstance(values, bytes):
            self.data.extend(values)
        else:
            for value in values:
                self.value(kind, value)
        struct.pack_into(self.order + "I", self.data, place, len(self.data) - start)


@dataclass
class Message:
    """A message as it is to be written; `headers` are taken as they are."""

    headers: list[Header]
    signature: str = ""
    body: list[Any] = field(default_factory=list)
    kind: int = CALL
    flags: int = 0
    serial: int = 1
    order: str = "<"
    version: int = 1
    body_length: int | None = None
    files: int = 0

    def encode(self) -> bytes:
        """Return its bytes."""
        body = Writer(self.order)
        body.write(self.signature, self.body)
        length = len(body.data) if self.body_length is None else self.body_length
        head = Writer(self.order)
        mark = ord("l") if self.order == "<" else ord("B")
        head.write("yyyyuu", [mark, self.kind, self.flags, self.version, length, self.serial])
        fields = [[code, (kind, value)] for code, kind, value in self._all_headers()]
        head.value("a(yv)", fields)
        head.align(8)
        return bytes(head.data + body.data)

    def _all_headers(self) -> list[Header]:
        found = list(self.headers)
        if self.signature and not any(code == SIGNATURE for code, _, _ in found):
            found.append((SIGNATURE, "g", self.signature))
        if self.files:
            found.append((UNIX_FDS, "u", self.files))
        return found

    @property
    def wants_reply(self) -> bool:
        """Whether whoever gets it has to answer."""
        return self.kind == CALL and not self.flags & NO_REPLY


def call(destination: str, path: str, method: tuple[str, str], **others: Any) -> Message:  # noqa: ANN401 - fields of Message
    """Return a method call; `method` is interface and member."""
    headers: list[Header] = [
        (PATH, "o", path),
        (INTERFACE, "s", method[0]),
        (MEMBER, "s", method[1]),
        (DESTINATION, "s", destination),
    ]
    return Message(headers, **others)
