"""Attacks: ways of writing to a method that its author did not think of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.fuzz import values, wire
from tests.fuzz.wire import Message, call, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

PROPERTIES = "org.freedesktop.DBus.Properties"
POLKIT = "org.freedesktop.PolicyKit1"
BUS = "org.freedesktop.DBus"
_LARGEST = 10_000_000


@dataclass(frozen=True)
class Target:
    """A method of an object that is there."""

    destination: str
    path: str
    interface: str
    member: str
    signature: str


@dataclass(frozen=True)
class Attack:
    """Bytes for the bus. `serial` waits for a reply; 0 expects none.

    A `foul` one the bus answers by hanging up, so it is sent on a line of its own.
    """

    name: str
    data: bytes
    serial: int = 0
    files: int = 0
    foul: bool = False


class Attacker:
    """Writes attacks, one after another; the same seed writes the same."""

    def __init__(self, random: Random, targets: Sequence[Target]) -> None:
        """Attack these methods."""
        self.random = random
        self.targets = targets
        self._turn = 0

    def next(self, serial: int) -> Attack:
        """Return the next attack; methods come in turn, ways of attacking by chance."""
        target = self.targets[self._turn % len(self.targets)]
        self._turn += 1
        names = list(_WEIGHTS)
        name = self.random.choices(names, [_WEIGHTS[name] for name in names])[0]
        return self.attack(name, target, serial)

    def attack(self, name: str, target: Target, serial: int) -> Attack:
        """Write one attack of a certain kind."""
        made = _WAYS[name](self.random, target, serial)
        if isinstance(made, bytes):
            return Attack(name, made, foul=True)
        return Attack(
            name,
            made.encode(),
            serial=made.serial if made.wants_reply else 0,
            files=made.files,
            foul=name in _FOUL,
        )


def _call(target: Target, serial: int, signature: str, body: list[Any]) -> Message:
    method = (target.interface, target.member)
    return call(
        target.destination, target.path, method, serial=serial, signature=signature, body=body
    )


def _right(random: Random, target: Target, serial: int) -> Message:
    body = [values.of(random, kind) for kind in split(target.signature)]
    return _call(target, serial, target.signature, body)


def _nearly_right(random: Random, target: Target, serial: int) -> Message:
    """Write known options of wrong types, and changes that are nearly changes."""
    body: list[Any] = []
    for kind in split(target.signature):
        match kind:
            case "aa{sv}":
                body.append([values.change(random) for _ in range(random.randrange(3))])
            case "a{sv}":
                body.append(values.options(random))
            case _:
                body.append(values.of(random, kind))
    return _call(target, serial, target.signature, body)


def _wrong_signature(random: Random, target: Target, serial: int) -> Message:
    kinds = [values.signature(random) for _ in range(random.randrange(5))]
    return _call(target, serial, "".join(kinds), [values.of(random, kind) for kind in kinds])


def _wrong_count(random: Random, target: Target, serial: int) -> Message:
    kinds = split(target.signature)
    kinds = kinds[:-1] if kinds and random.random() < 0.5 else [*kinds, "v"]
    return _call(target, serial, "".join(kinds), [values.of(random, kind) for kind in kinds])


def _fill(random: Random, target: Target, large: Any) -> tuple[str, list[Any]]:  # noqa: ANN401 - a variant
    """Put a variant into the first place of the target's arguments that takes one."""
    body: list[Any] = []
    for kind in split(target.signature):
        match kind:
            case "a{sv}":
                body.append([(random.choice(values.KNOWN_OPTIONS), large)])
            case "aa{sv}":
                body.append([[("kind", ("s", "set-option")), ("option", ("s", "a.b")),
                              ("value", large)]])  # fmt: skip
            case "s" if large[0] == "s":
                body.append(large[1])
            case "v":
                body.append(large)
            case _:
                body.append(values.of(random, kind))
    return target.signature, body


def _large(random: Random, target: Target, serial: int) -> Message:
    size = random.choice((10_000, 100_000, 100_000, 1_000_000))
    large: tuple[str, Any] = random.choice(
        (
            ("s", "x" * size),
            ("ay", bytes(size)),
            ("as", ["item"] * (size // 100)),
            ("a{si}", [(str(number), number) for number in range(size // 100)]),
            ("av", [("i", 1)] * (size // 100)),
        )
    )
    return _call(target, serial, *_fill(random, target, large))


def _largest(random: Random, target: Target, serial: int) -> Message:
    return _call(target, serial, *_fill(random, target, ("s", "x" * _LARGEST)))


def _deep(random: Random, target: Target, serial: int) -> Message:
    """Nest values as deeply as the specification lets one (64), or nearly."""
    layers = random.choice((1, 10, 30, 50, 58, 60))
    made = random.choice((values.nested(layers), values.nested_lists(layers // 2)))
    return _call(target, serial, *_fill(random, target, made))


def _too_deep(random: Random, target: Target, serial: int) -> Message:
    layers = random.choice((66, 100, 200))
    return _call(target, serial, *_fill(random, target, values.nested(layers)))


def _without_header(random: Random, target: Target, serial: int) -> Message:
    """Leave out the interface; a call without one is allowed by the specification."""
    message = _right(random, target, serial)
    message.headers = [item for item in message.headers if item[0] != wire.INTERFACE]
    return message


def _without_needed_header(random: Random, target: Target, serial: int) -> Message:
    message = _right(random, target, serial)
    missing = random.choice((wire.PATH, wire.MEMBER))
    message.headers = [item for item in message.headers if item[0] != missing]
    return message


def _without_destination(random: Random, target: Target, serial: int) -> Message:
    """Send to nobody. The bus takes that for a message to itself, or drops it."""
    message = _right(random, target, serial)
    message.headers = [item for item in message.headers if item[0] != wire.DESTINATION]
    message.flags = wire.NO_REPLY
    return message


def _elsewhere(random: Random, target: Target, serial: int) -> Message:
    path = random.choice(
        ("/", "/org", "/org/luminous1/plan", "/org/luminous1/transaction/0", values.path(random))
    )
    elsewhere = replace(target, path=path)
    if random.random() < 0.5:
        names = ("Introspect", "GetAll", "__init__", "_find", "x" * 255, "Status")
        elsewhere = replace(elsewhere, member=random.choice(names))
    return _right(random, elsewhere, serial)


def _strange_header(random: Random, target: Target, serial: int) -> Message:
    """Add headers that nobody knows, which are to be ignored, and a sender who is another."""
    message = _right(random, target, serial)
    message.headers += random.choice(
        (
            [(wire.SENDER, "s", BUS)],
            [(wire.SENDER, "s", ":1.0")],
            [(random.randrange(12, 256), "s", "?")],
            [(200, "v", values.nested(20))],
        )
    )
    return message


def _big_endian(random: Random, target: Target, serial: int) -> Message:
    way = random.choice((_right, _nearly_right, _wrong_signature))
    message = way(random, target, serial)
    message.order = ">"
    return message


def _with_files(random: Random, target: Target, serial: int) -> Message:
    message = _right(random, target, serial)
    message.files = random.randrange(1, 8)
    if random.random() < 0.5:
        message.signature, message.body = "h", [random.randrange(4)]
    return message


def _strange_flags(random: Random, target: Target, serial: int) -> Message:
    message = _right(random, target, serial)
    message.flags = random.choice((wire.NO_REPLY, wire.NO_AUTO_START, 4, 5, 7, 0xF8, 0xFF))
    return message


def _property_junk(random: Random, target: Target, serial: int) -> Message:
    member, kinds = random.choice((("Get", "ss"), ("GetAll", "s"), ("Set", "ssv")))
    junk = replace(target, interface=PROPERTIES, member=member, signature=kinds)
    message = _right(random, junk, serial)
    if random.random() < 0.5:
        message.body[0] = target.interface
    return message


def _unasked_reply(random: Random, target: Target, serial: int) -> Message:
    """Answer something that nobody has asked; polkit's yes, for one."""
    yes = ("(bba{ss})", [[1, 0, []]])
    signature, body = random.choice((yes, ("", []), ("s", ["no"]), ("b", [1]), ("a{sv}", [[]])))
    kind = random.choice((wire.RETURN, wire.RETURN, wire.ERROR))
    headers: list[wire.Header] = [
        (wire.REPLY_SERIAL, "u", random.randrange(1, 4000)),
        (wire.DESTINATION, "s", target.destination),
    ]
    if kind == wire.ERROR:
        headers.append((wire.ERROR_NAME, "s", "org.freedesktop.DBus.Error.NameHasNoOwner"))
    return Message(headers, signature, body, kind=kind, serial=serial)


def _forged_signal(random: Random, target: Target, serial: int) -> Message:
    """Say what only the bus or polkit may say, to the daemon or to everybody."""
    path, interface, member, signature, body = random.choice(
        (
            ("/org/freedesktop/DBus", BUS, "NameLost", "s", ["org.luminous1"]),
            ("/org/freedesktop/DBus", BUS, "NameAcquired", "s", ["org.luminous1"]),
            ("/org/freedesktop/DBus", BUS, "NameOwnerChanged", "sss", [":1.1", ":1.1", ""]),
            ("/org/freedesktop/DBus", BUS, "NameOwnerChanged", "", []),
            (f"/{POLKIT.replace('.', '/')}/Authority", f"{POLKIT}.Authority", "Changed", "", []),
            (target.path, target.interface, "PropertiesChanged", "i", [1]),
        )
    )
    headers: list[wire.Header] = [
        (wire.PATH, "o", path),
        (wire.INTERFACE, "s", interface),
        (wire.MEMBER, "s", member),
    ]
    if random.random() < 0.7:
        headers.append((wire.DESTINATION, "s", target.destination))
    return Message(headers, signature, body, kind=wire.SIGNAL, serial=serial)


def _invalid_texts(random: Random, target: Target, serial: int) -> bytes:
    """Write what is no UTF-8, no path, no signature or no name."""
    message = _right(random, target, serial)
    bad: list[wire.Header] = [
        (wire.PATH, "o", random.choice(("", "org", "//", "/a/", "/a-b", "/\u00e9", b"/\xff"))),
        (
            wire.INTERFACE,
            "s",
            random.choice(("", "a", ".a.b", "a..b", "a.1", b"a.\xff", "x." * 200)),
        ),
        (wire.MEMBER, "s", random.choice(("", "a.b", "1a", "x" * 256, b"\xc3"))),
        (
            wire.SIGNATURE,
            "g",
            random.choice(("a", "(", "{sv}", "a{vs}", "()", "z", "a" * 40 + "i")),
        ),
        (wire.DESTINATION, "s", random.choice(("", "..", "x" * 300, b"org.\xff"))),
    ]
    code, kind, value = random.choice(bad)
    if random.random() < 0.4:
        text = random.choice((b"\xff\xfe", b"a\0b", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"))
        message.signature, message.body = "s", [text]
    else:
        message.headers = [item for item in message.headers if item[0] != code]
        message.headers.append((code, kind, value))
    return message.encode()


def _wrong_header_type(random: Random, target: Target, serial: int) -> bytes:
    message = _right(random, target, serial)
    code = random.choice((wire.PATH, wire.INTERFACE, wire.MEMBER, wire.DESTINATION))
    message.headers = [item for item in message.headers if item[0] != code]
    message.headers.append((code, "u", 7))
    return message.encode()


def _wrong_length(random: Random, target: Target, serial: int) -> bytes:
    message = _right(random, target, serial)
    message.body_length = random.choice((0, 1, 8, 2**20, 2**27, 2**32 - 1))
    return message.encode()


def _wrong_start(random: Random, target: Target, serial: int) -> bytes:
    """Spoil one of the fixed bytes: byte order, type, version; or the serial."""
    data = bytearray(_right(random, target, serial).encode())
    place, value = random.choice(((0, ord("x")), (1, 0), (1, 9), (3, 2), (3, 0)))
    data[place] = value
    if random.random() < 0.2:
        data[8:12] = bytes(4)
    return bytes(data)


def _flipped(random: Random, target: Target, serial: int) -> bytes:
    data = bytearray(_nearly_right(random, target, serial).encode())
    for _ in range(random.randrange(1, 8)):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def _cut_off(random: Random, target: Target, serial: int) -> bytes:
    data = _nearly_right(random, target, serial).encode()
    return data[: random.randrange(len(data))]


def _noise(random: Random, _target: Target, _serial: int) -> bytes:
    return random.randbytes(random.randrange(1, 400))


def _same_serial(random: Random, target: Target, _serial: int) -> bytes:
    """Ask three times with one serial; only the sender can be confused by that."""
    message = _right(random, target, 7)
    return message.encode() * 3


_WAYS: Mapping[str, Callable[[Random, Target, int], Message | bytes]] = {
    "right": _right,
    "nearly right": _nearly_right,
    "wrong signature": _wrong_signature,
    "wrong count": _wrong_count,
    "large": _large,
    "largest": _largest,
    "deep": _deep,
    "too deep": _too_deep,
    "no interface": _without_header,
    "no path or member": _without_needed_header,
    "no destination": _without_destination,
    "elsewhere": _elsewhere,
    "strange header": _strange_header,
    "big-endian": _big_endian,
    "files": _with_files,
    "flags": _strange_flags,
    "properties": _property_junk,
    "unasked reply": _unasked_reply,
    "forged signal": _forged_signal,
    "invalid text": _invalid_texts,
    "wrong header type": _wrong_header_type,
    "wrong length": _wrong_length,
    "wrong start": _wrong_start,
    "flipped": _flipped,
    "cut off": _cut_off,
    "noise": _noise,
    "same serial": _same_serial,
}

_FOUL = frozenset({"too deep", "no path or member", "no destination"})
"""Ways that the bus may answer by hanging up, though they are written as messages."""

_WEIGHTS: Mapping[str, float] = {
    **dict.fromkeys(_WAYS, 3.0),
    "right": 4.0,
    "nearly right": 12.0,
    "wrong signature": 12.0,
    "wrong count": 6.0,
    "properties": 8.0,
    "deep": 6.0,
    "elsewhere": 6.0,
    "large": 0.6,
    "largest": 0.0,
    **dict.fromkeys(("invalid text", "wrong length", "wrong start", "flipped"), 1.0),
    **dict.fromkeys(("wrong header type", "cut off", "noise", "same serial"), 0.6),
    **dict.fromkeys(("too deep", "no path or member", "no destination"), 0.6),
}

WAYS = tuple(_WAYS)
