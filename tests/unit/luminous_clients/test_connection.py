"""The connection: plain values both ways, errors by name, and only the daemon's own signals."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from jeepney import Header, HeaderFields, Message, MessageFlag, MessageType, Parser
from jeepney.io.blocking import DBusConnection
from jeepney.low_level import Endianness

from luminous_clients.connection import Connection, Method, Signal
from luminous_clients.daemon import METHODS
from luminous_clients.errors import DaemonAbsent, DaemonLost
from luminous_protocol.errors import (
    InvalidText,
    LimitExceeded,
    LuminousError,
    NotAuthorized,
    UnknownObject,
    UnknownPackage,
)
from luminous_protocol.names import ROOT_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

DAEMON = ":1.5"
ECHO = Method("org.luminous1.System", "Echo", "a{sv}")


class Peer:
    """The bus's end of a socket: everything it will ever say is said beforehand."""

    def __init__(self) -> None:
        """Greet the connection that comes."""
        self.socket, self._far = socket.socketpair()
        self.reply(1, "s", ":1.9")

    def connect(self) -> Connection:
        """Return the connection; its first call has serial 2."""
        return Connection(DBusConnection(self._far))

    def reply(self, serial: int, signature: str, *body: object) -> None:
        """Answer the call with this serial."""
        self._say(MessageType.method_return, {HeaderFields.reply_serial: serial}, signature, body)

    def refuse(self, serial: int, name: str, message: str) -> None:
        """Answer the call with this serial with an error."""
        fields = {HeaderFields.reply_serial: serial, HeaderFields.error_name: name}
        self._say(MessageType.error, fields, "s", (message,))

    def signal(self, sender: str, member: str, signature: str, *body: object) -> None:
        """Send a signal."""
        is_bus = sender == "org.freedesktop.DBus"
        fields = {
            HeaderFields.sender: sender,
            HeaderFields.member: member,
            HeaderFields.interface: sender if is_bus else "org.luminous1.Transaction",
            HeaderFields.path: "/org/freedesktop/DBus" if is_bus else f"{ROOT_PATH}/transaction/t",
        }
        self._say(MessageType.signal, fields, signature, body)

    def listening(self) -> None:
        """Answer what `listen` asks, as the first calls after the greeting."""
        for serial in (2, 3):
            self.reply(serial, "")
        self.reply(4, "u", 2)
        self.reply(5, "s", DAEMON)

    def heard(self) -> list[Message]:
        """Return the messages that have come."""
        parser = Parser()
        parser.add_data(self.socket.recv(65536))
        return list(iter(parser.get_next_message, None))

    def close(self) -> None:
        """Leave."""
        self.socket.close()

    def _say(
        self, kind: MessageType, fields: dict[Any, Any], signature: str, body: tuple[object, ...]
    ) -> None:
        if signature:
            fields = fields | {HeaderFields.signature: signature}
        header = Header(Endianness.little, kind, 0, 1, -1, 7, fields)
        self.socket.sendall(Message(header, body).serialise(serial=7))


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Give a bus's end."""
    one = Peer()
    yield one
    one.close()


def test_plain_values_go_out_as_variants_and_come_back_plain(peer: Peer) -> None:
    peer.reply(2, "aa{sv}s", [{"a": ("x", 1), "b": ("a{sv}", {"c": ("as", ["d"])})}], "e")
    with peer.connect() as connection:
        answer = connection.call(ROOT_PATH, ECHO, {"flag": True, "n": 3, "list": ["x"], "s": "y"})
    assert answer == ([{"a": 1, "b": {"c": ["d"]}}], "e")
    call = peer.heard()[-1]
    assert call.body == (
        {"flag": ("b", True), "n": ("x", 3), "list": ("as", ["x"]), "s": ("s", "y")},
    )
    assert call.header.flags & MessageFlag.allow_interactive_authorization


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("org.luminous1.Error.UnknownPackage", UnknownPackage, "why"),
        ("org.freedesktop.DBus.Error.ServiceUnknown", DaemonAbsent, "systemctl start luminousd"),
        ("org.freedesktop.DBus.Error.NameHasNoOwner", DaemonAbsent, "systemctl start luminousd"),
        ("org.freedesktop.DBus.Error.Spawn.ChildExited", DaemonAbsent, "systemctl start"),
        ("org.freedesktop.systemd1.NoSuchUnit", DaemonAbsent, "systemctl start luminousd"),
        ("org.freedesktop.DBus.Error.NoReply", DaemonLost, "before it answered"),
        ("org.freedesktop.DBus.Error.AccessDenied", NotAuthorized, "bus does not let this user"),
        ("org.freedesktop.DBus.Error.LimitsExceeded", LimitExceeded, "why"),
        ("org.freedesktop.DBus.Error.UnknownObject", UnknownObject, "why"),
        ("org.freedesktop.DBus.Error.UnknownMethod", LuminousError, "do not fit together: why"),
        ("org.example.Surprise", LuminousError, "why"),
    ],
)
def test_error_replies_become_errors_with_a_sentence(
    peer: Peer, name: str, kind: type[LuminousError], said: str
) -> None:
    peer.refuse(2, name, "why")
    with peer.connect() as connection, pytest.raises(kind, match=said):
        connection.call(ROOT_PATH, ECHO, {})


def test_signals_that_come_before_the_reply_are_kept_in_order(peer: Peer) -> None:
    peer.listening()
    peer.signal(DAEMON, "Log", "as", ["one"])
    peer.signal(DAEMON, "Progress", "sda{sv}", "building", 5.0, {"done": ("x", 1)})
    peer.reply(6, "o", "/t")
    with peer.connect() as connection:
        connection.listen()
        connection.listen()
        assert connection.call(ROOT_PATH, ECHO, {}) == ("/t",)
        first, second = connection.wait(1.0), connection.wait(1.0)
    path = f"{ROOT_PATH}/transaction/t"
    interface = "org.luminous1.Transaction"
    assert first == Signal(path, interface, "Log", (["one"],))
    assert second == Signal(path, interface, "Progress", ("building", 5.0, {"done": 1}))


def test_signals_that_are_older_than_what_was_read_are_forgotten(peer: Peer) -> None:
    peer.listening()
    peer.signal(DAEMON, "Log", "as", ["old"])
    peer.reply(6, "a{sv}", {"State": ("s", "building")})
    peer.signal(DAEMON, "Log", "as", ["new"])
    with peer.connect() as connection:
        connection.listen()
        assert connection.properties("/t", "x") == {"State": "building"}
        signal = connection.wait(1.0)
    assert signal is not None
    assert signal.body == (["new"],)


def test_a_signal_of_somebody_else_is_not_believed(peer: Peer) -> None:
    peer.listening()
    peer.signal(":1.666", "Finished", "ss", "done", "Trust me.")
    peer.signal(DAEMON, "Log", "as", ["real"])
    with peer.connect() as connection:
        connection.listen()
        signal = connection.wait(1.0)
    assert signal is not None
    assert signal.member == "Log"


def test_the_match_rules_name_the_daemon_and_its_objects(peer: Peer) -> None:
    peer.listening()
    with peer.connect() as connection:
        connection.listen()
    rules = [m.body[0] for m in peer.heard() if m.header.fields[HeaderFields.member] == "AddMatch"]
    assert rules == [
        "sender='org.luminous1',type='signal',path_namespace='/org/luminous1'",
        (
            "sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
            "member='NameOwnerChanged',type='signal',arg0='org.luminous1'"
        ),
    ]


def test_a_daemon_that_leaves_the_bus_is_noticed(peer: Peer) -> None:
    peer.listening()
    peer.signal("org.freedesktop.DBus", "NameOwnerChanged", "sss", "org.luminous1", DAEMON, "")
    with peer.connect() as connection:
        connection.listen()
        with pytest.raises(DaemonLost, match="has left the bus"):
            connection.wait(1.0)


def test_a_bus_that_breaks_is_noticed(peer: Peer) -> None:
    peer.listening()
    with peer.connect() as connection:
        connection.listen()
        peer.close()
        with pytest.raises(DaemonLost, match="connection to the system bus broke"):
            connection.wait(1.0)


def test_waiting_ends_when_the_time_is_over_or_something_else_can_be_read(peer: Peer) -> None:
    peer.listening()
    reader, writer = os.pipe()
    with peer.connect() as connection:
        connection.listen()
        assert connection.wait(0.0) is None
        os.write(writer, b"x")
        assert connection.wait(60.0, [reader]) is None
    os.close(reader)
    os.close(writer)


def test_bytes_that_are_no_text_are_refused_before_they_are_sent(peer: Peer) -> None:
    with peer.connect() as connection, pytest.raises(InvalidText):
        connection.call(ROOT_PATH, ECHO, {"words": "\udce9"})


def test_a_bus_that_is_not_there_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket")
    with pytest.raises(DaemonAbsent, match="sudo systemctl start luminousd"):
        Connection.open()


def test_every_method_is_called_as_the_contract_has_it(
    contract: dict[tuple[str, str], str],
) -> None:
    assert {(m.interface, m.member): m.signature for m in METHODS}.items() <= contract.items()
