"""The connection to the system bus: calls with plain values, and signals of the daemon, in order.

Nothing here knows what the methods mean; `luminous_clients.daemon` does. D-Bus structures do not
occur in this contract, so a pair in a received body is always a variant.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    MessageFlag,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import open_dbus_connection

from luminous_clients.errors import DaemonAbsent, DaemonLost
from luminous_protocol.errors import (
    Internal,
    InvalidText,
    LimitExceeded,
    NotAuthorized,
    UnknownObject,
    error_named,
)
from luminous_protocol.names import BUS_NAME, ERROR_PREFIX, PROPERTIES, ROOT_PATH
from luminous_protocol.variants import wrap_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

    from luminous_protocol.errors import LuminousError

HOW_TO_START = "Start it with: sudo systemctl start luminousd"

ANSWER_SECONDS = 60.0
"""How long a call may take that asks nobody and builds nothing."""

_FREEDESKTOP = "org.freedesktop.DBus.Error."
_ABSENT = (
    f"{_FREEDESKTOP}ServiceUnknown",
    f"{_FREEDESKTOP}NameHasNoOwner",
    f"{_FREEDESKTOP}Spawn.",
    "org.freedesktop.systemd1.",  # the bus asks systemd to start the service
)

_LEFT = (DaemonLost, "The Luminous daemon left the bus before it answered.")
_MISFIT = (Internal, "This ask-nix and the running luminousd do not fit together: {}")
_OF_THE_BUS: Mapping[str, tuple[type[LuminousError], str]] = {
    "NoReply": _LEFT,
    "Disconnected": _LEFT,
    "AccessDenied": (NotAuthorized, "The system bus does not let this user ask Luminous: {}"),
    "LimitsExceeded": (LimitExceeded, "{}"),
    "UnknownObject": (UnknownObject, "{}"),
    "UnknownMethod": _MISFIT,
    "UnknownInterface": _MISFIT,
    "UnknownProperty": _MISFIT,
    "InvalidArgs": _MISFIT,
}


class Method(NamedTuple):
    """A method as the introspection data has it. A `patient` call has no time limit."""

    interface: str
    member: str
    signature: str = ""
    is_patient: bool = False


class Signal(NamedTuple):
    """A signal of the daemon, with plain values."""

    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


def plain(value: Any) -> Any:  # noqa: ANN401 - any D-Bus value
    """Return `value` without the signatures that jeepney puts beside what is in variants."""
    match value:
        case tuple():
            return plain(value[1])
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value


class Connection:
    """One connection to the bus. Close it, or use it in a `with` statement."""

    def __init__(self, bus: DBusConnection) -> None:
        """Take a connected bus; `Connection.open()` makes one."""
        self._bus = bus
        self._incoming: deque[Message] = deque()
        self._closing = ExitStack()
        self._is_listening = False

    @classmethod
    def open(cls) -> Connection:
        """Connect to the system bus. Raises `DaemonAbsent` where there is none."""
        try:
            return cls(open_dbus_connection(bus="SYSTEM"))
        except (OSError, RuntimeError, ValueError) as error:
            raise DaemonAbsent(
                f"The system bus cannot be reached, so Luminous cannot either ({error}). "
                "Once D-Bus runs: sudo systemctl start luminousd"
            ) from None

    def close(self) -> None:
        """Leave the bus."""
        self._closing.close()
        self._bus.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, path: str, method: Method, *values: object) -> tuple[Any, ...]:
        """Call the daemon and return the reply's plain values.

        Raises the error that the reply names, `DaemonAbsent` when nobody owns the name, and
        `DaemonLost` when the daemon or the bus goes away before it answers.
        """
        address = DBusAddress(path, bus_name=BUS_NAME, interface=method.interface)
        body = wrap_body(method.signature, values, lambda signature, value: (signature, value))
        message = new_method_call(address, method.member, method.signature or None, tuple(body))
        message.header.flags |= MessageFlag.allow_interactive_authorization
        return self._ask(message, None if method.is_patient else ANSWER_SECONDS)

    def properties(self, path: str, interface: str) -> dict[str, Any]:
        """Read all properties of one of the daemon's objects.

        Signals that came before the answer are older than it, and forgotten.
        """
        values: dict[str, Any] = self.call(path, Method(PROPERTIES, "GetAll", "s"), interface)[0]
        self._incoming.clear()
        return values

    def listen(self) -> None:
        """Collect the daemon's signals from now on, for `wait`. Call it before what causes them.

        Only messages of whoever owns the bus name are taken: anybody may send a signal to anybody.
        """
        if self._is_listening:
            return
        signals = MatchRule(type="signal", sender=BUS_NAME, path_namespace=ROOT_PATH)
        owner_changes = MatchRule(
            type="signal",
            sender="org.freedesktop.DBus",
            interface="org.freedesktop.DBus",
            member="NameOwnerChanged",
        )
        owner_changes.add_arg_condition(0, BUS_NAME)
        for rule in (signals, owner_changes):
            self._ask(message_bus.AddMatch(rule), ANSWER_SECONDS)
        signals.header_fields["sender"] = self._owner()
        for rule in (signals, owner_changes):
            self._closing.enter_context(self._bus.filter(rule, queue=self._incoming))
        self._is_listening = True

    def wait(self, seconds: float | None, also: Iterable[int] = ()) -> Signal | None:
        """Return the next signal; None after `seconds`, or when a file of `also` can be read.

        Raises `DaemonLost` as soon as the daemon has left the bus.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while not self._incoming:
            self._take_in()
            if self._incoming:
                break
            left = None if until is None else max(until - time.monotonic(), 0.0)
            ready, _, _ = select.select([self._bus.sock, *also], [], [], left)
            if self._bus.sock not in ready:
                return None
        return self._signal(self._incoming.popleft())

    def _take_in(self) -> None:
        """Read what has arrived, without waiting."""
        try:
            while not self._incoming:
                self._bus.recv_messages(timeout=0)
        except TimeoutError:
            pass
        except OSError as error:
            raise _lost(error) from None

    def _signal(self, message: Message) -> Signal:
        fields = message.header.fields
        if fields.get(HeaderFields.member) == "NameOwnerChanged":
            raise DaemonLost("The Luminous daemon has left the bus.")
        return Signal(
            fields.get(HeaderFields.path, ""),
            fields.get(HeaderFields.interface, ""),
            fields.get(HeaderFields.member, ""),
            tuple(plain(list(message.body))),
        )

    def _owner(self) -> str:
        """Return who owns the daemon's name, starting the daemon if the bus can."""
        # A running name without an activation file cannot be "started": look for it first.
        has_owner, *_ = self._ask(message_bus.NameHasOwner(BUS_NAME), ANSWER_SECONDS)
        if not has_owner:
            self._ask(message_bus.StartServiceByName(BUS_NAME), ANSWER_SECONDS)
        owner: str = self._ask(message_bus.GetNameOwner(BUS_NAME), ANSWER_SECONDS)[0]
        return owner

    def _ask(self, message: Message, seconds: float | None) -> tuple[Any, ...]:
        try:
            reply = self._bus.send_and_get_reply(message, timeout=seconds)
        except TimeoutError:
            raise DaemonLost(
                f"The Luminous daemon has not answered for {ANSWER_SECONDS:.0f} seconds."
            ) from None
        except UnicodeEncodeError:
            raise InvalidText("The words hold bytes that are not UTF-8 text.") from None
        except OSError as error:
            raise _lost(error) from None
        body = tuple(plain(list(reply.body)))
        if reply.header.message_type == MessageType.error:
            raise _error(reply.header.fields.get(HeaderFields.error_name, ""), body)
        return body


class NoConnection(Connection):
    """Stands for the bus where there is none, for what can be done without the daemon."""

    def __init__(self, error: DaemonAbsent) -> None:
        """Answer every call with `error`."""
        self._error = error

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def listen(self) -> None:
        """Raise why there is nobody to listen to."""
        raise self._error

    def call(self, _path: str, _method: Method, *_values: object) -> tuple[Any, ...]:
        """Raise why nobody answers."""
        raise self._error


def _lost(error: OSError) -> DaemonLost:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return DaemonLost(f"The connection to the system bus broke ({reason}).")


def _error(name: str, body: tuple[Any, ...]) -> LuminousError:
    """Return the error that an error reply stands for."""
    message = str(body[0]) if body else name
    if name.startswith(ERROR_PREFIX):
        return error_named(name, message)
    if name.startswith(_ABSENT):
        return DaemonAbsent(f"The Luminous daemon is not running ({message}). {HOW_TO_START}")
    kind, sentence = _OF_THE_BUS.get(name.removeprefix(_FREEDESKTOP), (Internal, "{}"))
    return kind(sentence.format(message))
