"""The bus program: makes calls on the system bus for a test, as whoever it is run as.

It runs inside a sandbox, because the bus takes the caller from the process. Requests and answers
are JSON, one a line; `tests/integration/bus_client.py` is the other end. Unlike the product's own
client it sends whatever it is told to, and keeps every signal.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection

from luminous_protocol.variants import Typed, wrap_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

_PREFIX = "/org/luminous1"


def plain(value: Any) -> Any:  # noqa: ANN401 - any D-Bus value
    """Return a received value without the signatures of its variants; structures become lists."""
    match value:
        case (str(), inner) if isinstance(value, tuple):
            return plain(inner)
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value


def typed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return JSON's value; `{"$": [signature, value]}` stands for one of a certain type."""
    match value:
        case {"$": [str(signature), inner]}:
            return Typed(signature, typed(inner))
        case list():
            return [typed(item) for item in value]
        case dict():
            return {key: typed(item) for key, item in value.items()}
        case _:
            return value


class Program:
    """One connection to the bus and the signals that it has got."""

    def __init__(self, connection: DBusConnection) -> None:
        """Use a connected bus."""
        self._connection = connection
        self._signals: list[list[Any]] = []

    def listen(self) -> None:
        """Ask for the signals of the daemon's objects."""
        rule = MatchRule(type="signal", path_namespace=_PREFIX)
        self._connection.send_and_get_reply(message_bus.AddMatch(rule))

    def call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call and return its reply, or its error."""
        address = DBusAddress(request["path"], request["destination"], request["interface"])
        signature = request["signature"]
        body = wrap_body(signature, typed(request["body"]), lambda kind, value: (kind, value))
        message = new_method_call(address, request["member"], signature or None, tuple(body))
        serial = next(self._connection.outgoing_serial)
        self._connection.send(message, serial=serial)
        reply = self._wait_for_reply(serial, request["seconds"])
        if reply is None:
            return {"error": "timeout", "message": ""}
        if reply.header.message_type is MessageType.error:
            name = reply.header.fields[HeaderFields.error_name]
            return {"error": name, "message": str(reply.body[0]) if reply.body else ""}
        return {
            "reply": [plain(value) for value in reply.body],
            "signature": reply.header.fields.get(HeaderFields.signature, ""),
        }

    def signals(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return and forget the signals, once one of `member` at `path` is among them."""
        until = time.monotonic() + request["seconds"]
        while not self._has(request["path"], request["member"]):
            if not self._take_in(until):
                break
        found, self._signals = self._signals, []
        return {"signals": found}

    def _has(self, path: str, member: str) -> bool:
        return any(signal[0] == path and signal[2] == member for signal in self._signals)

    def _wait_for_reply(self, serial: int, seconds: float) -> Message | None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            message = self._receive(until)
            if message and message.header.fields.get(HeaderFields.reply_serial) == serial:
                return message
        return None

    def _take_in(self, until: float) -> bool:
        return time.monotonic() < until and self._receive(until) is not None

    def _receive(self, until: float) -> Message | None:
        try:
            message = self._connection.receive(timeout=max(until - time.monotonic(), 0))
        except TimeoutError:
            return None
        fields = message.header.fields
        if message.header.message_type is MessageType.signal:
            named = (HeaderFields.path, HeaderFields.interface, HeaderFields.member)
            body = [plain(value) for value in message.body]
            self._signals.append([*(fields.get(field, "") for field in named), body])
        return message


def main() -> None:
    """Do what standard input says until it ends."""
    with open_dbus_connection("SYSTEM") as connection:
        program = Program(connection)
        program.listen()
        print(json.dumps({"name": connection.unique_name}), flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer = program.call(request) if "body" in request else program.signals(request)
            except OSError as error:
                answer = {"error": "lost", "message": str(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
