"""A connection to a message bus: the one file that imports a D-Bus library.

It takes dbus-next where that imports and dbus-fast, its maintained fork, where it does not (from
Python 3.15 on). `LUMINOUS_DBUS_LIBRARY` names one of them to insist on it. Only their message layer
is used, because their service layer does not say who called.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from luminous_protocol.replies import Body, Reply
from luminous_protocol.stream import OwnReader, PatientSocket, is_behind, read_some
from luminous_protocol.turns import Refused, Turns
from luminous_protocol.variants import wrap_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LIBRARIES = {"dbus-next": "dbus_next", "dbus-fast": "dbus_fast"}

_BUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"
_SENDERS_A_TURN = 4
_LOOK_AGAIN_SECONDS = 0.001
_PRIMARY_OWNER = 1
_DO_NOT_QUEUE = 4
_KEPT_SIGNATURES = 256


def _import_library() -> Any:  # noqa: ANN401 - one of two modules
    wanted = os.environ.get("LUMINOUS_DBUS_LIBRARY")
    if wanted is not None:
        return importlib.import_module(_LIBRARIES[wanted])
    try:
        return importlib.import_module("dbus_next")
    except ImportError:
        return importlib.import_module("dbus_fast")


_library = _import_library()
_aio = importlib.import_module(f"{_library.__name__}.aio")
_unmarshaller = importlib.import_module(f"{_library.__name__}._private.unmarshaller")

LIBRARY: str = _library.__name__
"""The library in use: `dbus_next` or `dbus_fast`."""


class BusError(Exception):
    """An error reply. `name` is the error's name on the bus."""

    def __init__(self, name: str, message: str) -> None:
        """Keep the reply's name and its message."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class BusLost(Exception):
    """The connection to the bus is gone."""


@dataclass(frozen=True, slots=True)
class Call:
    """A method call that came in. `sender` is the unique name that the bus itself wrote."""

    sender: str
    path: str
    interface: str
    member: str
    signature: str
    body: list[Any]
    _message: Any


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that came in."""

    sender: str
    path: str
    interface: str
    member: str
    body: list[Any]


def _decode(frame: bytes) -> Any:  # noqa: ANN401 - a library's Message
    """Return the message that a whole frame is. Raises what the library raises."""
    reader = _unmarshaller.Unmarshaller(io.BytesIO(frame))
    try:
        return reader.unmarshall()
    finally:
        # dbus-next's refers to itself through its table of bound methods, so that megabytes of
        # text would stay until the next garbage collection.
        readers = getattr(reader, "readers", None)
        if isinstance(readers, dict):
            readers.clear()


def _unknown_field(kind: Any, code: int) -> Any:  # noqa: ANN401 - an enumeration and a member of it
    """Return a header field for a code that the library does not know."""
    field = object.__new__(kind)
    field._name_, field._value_ = "UNKNOWN", code
    return field


def _ignore_unknown_fields() -> None:
    """Let header fields be ignored that nobody knows yet, as the specification wants it.

    dbus-next leaves the bus because of one, and not every bus takes them out of messages. An
    enumeration asks `_missing_` for values that it does not have.
    """
    if LIBRARY == "dbus_next":
        fields = importlib.import_module("dbus_next._private.constants").HeaderField
        fields._missing_ = classmethod(_unknown_field)


_ignore_unknown_fields()


def _forget_signatures() -> None:
    """Forget signatures that were read once there are many of them.

    dbus-next keeps every signature that it has ever seen, and whoever may call the daemon could
    fill its memory with ever new ones. dbus-fast bounds them itself.
    """
    known = getattr(_library.signature.SignatureTree, "_cache", None)
    if known is not None and len(known) > _KEPT_SIGNATURES:
        known.clear()


def _plain(value: Any) -> Any:  # noqa: ANN401 - any D-Bus value
    """Return a received value without its variants."""
    if isinstance(value, _library.Variant):
        return _plain(value.value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


class Connection:
    """A connection to the system bus (or to `address`)."""

    def __init__(self, bus: Any) -> None:  # noqa: ANN401 - the library's MessageBus
        """Use `open` instead."""
        self._bus = bus
        self._turns = Turns()
        self._next_turn: asyncio.TimerHandle | None = None
        self._on_call: Callable[[Call], None] | None = None
        self._early: list[Call] = []
        self._on_signal: Callable[[Signal], None] | None = None
        bus.add_message_handler(self._receive)

    @classmethod
    async def open(cls, address: str | None = None) -> Connection:
        """Connect. Raises OSError when there is no bus."""
        bus = _aio.MessageBus(bus_address=address, bus_type=_library.BusType.SYSTEM)
        connection = cls(bus)
        bus._loop = OwnReader(bus._loop, connection._read)  # noqa: SLF001 - see `OwnReader`
        await bus.connect()
        writer = bus._writer  # noqa: SLF001 - the only place where the full buffer can be caught
        writer.sock = PatientSocket(writer.sock)
        return connection

    @property
    def unique_name(self) -> str:
        """This connection's own name on the bus."""
        return str(self._bus.unique_name)

    def close(self) -> None:
        """Leave the bus."""
        self._bus.disconnect()

    async def wait_lost(self) -> None:
        """Wait until the connection is gone, then raise `BusLost`, or return after `close`."""
        try:
            await self._bus.wait_for_disconnect()
        except Exception as error:
            raise BusLost(str(error)) from error

    def on_call(self, handler: Callable[[Call], None]) -> None:
        """Hand every method call to `handler`, which must answer with `reply` or `fail`.

        Calls that came before are handed over now.
        """
        self._on_call = handler
        early, self._early = self._early, []
        for call in early:
            handler(call)

    def on_signal(self, handler: Callable[[Signal], None]) -> None:
        """Hand every signal that matches an `add_match` rule to `handler`."""
        self._on_signal = handler

    async def request_name(self, name: str) -> bool:
        """Ask for a well-known name; tell whether this connection owns it now."""
        reply = await self.call_bus("RequestName", "su", [name, _DO_NOT_QUEUE])
        return bool(reply[0] == _PRIMARY_OWNER)

    async def add_match(self, rule: str) -> None:
        """Ask the bus for messages that match `rule` (D-Bus specification, "Match Rules")."""
        await self.call_bus("AddMatch", "s", [rule])

    async def call_bus(self, member: str, signature: str, values: Sequence[Any]) -> list[Any]:
        """Call a method of the bus itself."""
        return await self.call(_BUS, _BUS_PATH, (_BUS, member), (signature, values))

    async def call(
        self,
        destination: str,
        path: str,
        method: tuple[str, str],
        arguments: tuple[str, Sequence[Any]] = ("", ()),
    ) -> list[Any]:
        """Call `method` (interface, member) with `arguments` (signature, values).

        Returns the reply's values without variants. Raises `BusError` for an error reply.
        """
        interface, member = method
        signature, values = arguments
        message = _library.Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=wrap_body(signature, list(values), _library.Variant),
        )
        try:
            reply = await self._bus.call(message)
        except (OSError, EOFError) as error:
            raise BusLost(str(error)) from error
        if reply.message_type == _library.MessageType.ERROR:
            text = reply.body[0] if reply.body and isinstance(reply.body[0], str) else ""
            raise BusError(reply.error_name, text)
        return [_plain(value) for value in reply.body]

    def reply(self, call: Call, signature: str, values: Sequence[Any]) -> None:
        """Answer `call` with plain `values`."""
        self._answer(
            call,
            _library.Message.new_method_return(
                call._message,  # noqa: SLF001 - our own dataclass
                signature,
                wrap_body(signature, list(values), _library.Variant),
            ),
        )

    def encode(self, signature: str, values: Sequence[Any]) -> Body:
        """Return plain `values` as the body of replies that are sent with `reply_encoded`."""
        body = wrap_body(signature, list(values), _library.Variant)
        message = _library.Message(
            message_type=_library.MessageType.METHOD_RETURN,
            reply_serial=1,
            serial=1,
            signature=signature,
            body=body,
        )
        return Body.of(signature, bytes(message._marshall(False)))  # noqa: SLF001, FBT003 - as the libraries' writers call it

    def reply_encoded(self, call: Call, body: Body) -> None:
        """Answer `call` with values that `encode` has encoded."""
        origin = call._message  # noqa: SLF001 - our own dataclass
        self._answer(call, Reply(origin.sender, origin.serial, body))

    def fail(self, call: Call, name: str, message: str) -> None:
        """Answer `call` with an error."""
        origin = call._message  # noqa: SLF001 - our own dataclass
        self._answer(call, _library.Message.new_error(origin, name, message))

    def emit(
        self,
        path: str,
        signal: tuple[str, str],
        arguments: tuple[str, Sequence[Any]],
        to: str | None = None,
    ) -> None:
        """Send `signal` (interface, member) with `arguments` (signature, values) from `path`.

        It goes to everybody who asks the bus for it, or only `to` one connection.
        """
        interface, member = signal
        signature, values = arguments
        self._bus.send(
            _library.Message(
                message_type=_library.MessageType.SIGNAL,
                destination=to,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=wrap_body(signature, list(values), _library.Variant),
            )
        )

    def _answer(self, call: Call, message: Any) -> None:  # noqa: ANN401 - a Message, or a Reply
        flags = call._message.flags  # noqa: SLF001 - our own dataclass
        if not flags & _library.MessageFlag.NO_REPLY_EXPECTED:
            self._bus.send(message)

    def _receive(self, message: Any) -> bool:  # noqa: ANN401 - a library's Message
        """Take a message; the truth of the result says that the library need not look at it."""
        _forget_signatures()
        if message.message_type == _library.MessageType.METHOD_CALL:
            call = Call(
                sender=message.sender,
                path=message.path,
                interface=message.interface or "",
                member=message.member,
                signature=message.signature or "",
                body=[_plain(value) for value in message.body],
                _message=message,
            )
            if self._on_call is None:
                self._early.append(call)
            else:
                self._on_call(call)
            return True
        if message.message_type == _library.MessageType.SIGNAL and self._on_signal is not None:
            self._on_signal(
                Signal(
                    sender=message.sender,
                    path=message.path,
                    interface=message.interface or "",
                    member=message.member,
                    body=[_plain(value) for value in message.body],
                )
            )
        return False

    def _read(self) -> None:
        """Read what has come in, and let the next of those that wait have their turn."""
        try:
            for refused in self._turns.feed(read_some(self._bus._sock)):  # noqa: SLF001 - as above
                self._refuse(refused, "LimitsExceeded", "Too many calls at the same time.")
        except (OSError, EOFError, ValueError) as error:
            self._bus._finalize(error)  # noqa: SLF001 - as the library's own reader does
            return
        self._turn()

    def _turn(self) -> None:
        """Handle all answers that have come in, and one message each of some senders."""
        loop = asyncio.get_running_loop()
        if self._next_turn:
            self._next_turn.cancel()
            self._next_turn = None
        while frame := self._turns.take_reply():
            self._handle(frame)
        if self._turns.senders() and is_behind(self._bus._sock):  # noqa: SLF001 - as above
            self._next_turn = loop.call_later(_LOOK_AGAIN_SECONDS, self._turn)
            return
        frame = None
        for _ in range(min(self._turns.senders(), _SENDERS_A_TURN)):
            frame = self._turns.take(loop.time())
            if frame is None:
                break
            self._handle(frame)
        if self._turns.senders():
            self._next_turn = loop.call_later(0 if frame else _LOOK_AGAIN_SECONDS, self._turn)

    def _handle(self, frame: bytes) -> None:
        try:
            message = _decode(frame)
        except Exception:  # noqa: BLE001 - whatever the library finds wrong in somebody's message
            return
        self._bus._process_message(message)  # noqa: SLF001 - as the library's own reader does

    def _refuse(self, refused: Refused, name: str, text: str) -> None:
        self._bus.send(
            _library.Message(
                message_type=_library.MessageType.ERROR,
                destination=refused.sender,
                reply_serial=refused.serial,
                error_name=f"{_BUS}.Error.{name}",
                signature="s",
                body=[text],
            )
        )


async def open_with_patience(address: str | None = None, *, seconds: float = 5.0) -> Connection:
    """Connect, trying again while the bus is not there yet. Raises the last OSError."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await Connection.open(address)
        except OSError:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(0.1)
