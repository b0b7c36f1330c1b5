"""The system bus of the machine, watched from the host: who owns which name on it."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from jeepney import MatchRule, message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOCKET: Final = "/run/dbus/system_bus_socket"

# How long to wait for the bus to say something before looking at whether the owner still runs.
_SLICE_S: Final = 0.1
_RETRY_S: Final = 0.003


class NotOnBusError(RuntimeError):
    """A program did not come up on the bus."""


def connect(socket: Path, seconds: float = 5.0) -> DBusConnection:
    """Connect to the bus behind a socket, which may not be there yet.

    Raises NotOnBusError when it is not there in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return open_dbus_connection(f"unix:path={socket}")
        except (ConnectionError, FileNotFoundError) as error:
            if time.monotonic() > deadline:
                raise NotOnBusError(f"There is no bus at {socket}.") from error
            time.sleep(_RETRY_S)


def wait_for_name(socket: Path, name: str, is_running: Callable[[], bool], seconds: float) -> None:
    """Wait until somebody owns a name on the bus.

    Raises NotOnBusError when the program that should own it has ended or is too slow.
    """
    deadline = time.monotonic() + seconds
    with closing(connect(socket, seconds)) as connection:
        rule = MatchRule(type="signal", interface=message_bus.interface, member="NameOwnerChanged")
        rule.add_arg_condition(0, name)
        connection.send_and_get_reply(message_bus.AddMatch(rule))
        while not _has_owner(connection, name):
            if not is_running():
                raise NotOnBusError(f"The program that should own {name} on the bus has ended.")
            if time.monotonic() > deadline:
                raise NotOnBusError(f"Nobody owns {name} on the bus after {seconds:g} s.")
            _wait_for_signal(connection)


def _has_owner(connection: DBusConnection, name: str) -> bool:
    reply = connection.send_and_get_reply(message_bus.NameHasOwner(name), timeout=5)
    return bool(reply.body[0])


def _wait_for_signal(connection: DBusConnection) -> None:
    try:
        connection.receive(timeout=_SLICE_S)
    except TimeoutError:
        return
