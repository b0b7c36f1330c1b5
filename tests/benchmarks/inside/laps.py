"""Laps: times commands, calls and plans where they happen, in turn, and prints the milliseconds.

A program of its own, run in the sandbox by the user whose work is measured. It reads one JSON
object from standard input (`laps` by name, `rounds`, `warm_up`) and writes the times of each lap.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

from luminous_clients.connection import Connection
from luminous_clients.daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

_PATIENCE_S = 60.0
_FIXED_HEADER = 16
_CHUNK = 1 << 18
_ANYTHING = {
    "destination": "org.freedesktop.DBus",
    "path": "/org/freedesktop/DBus",
    "interface": "org.freedesktop.DBus",
    "member": "GetId",
}


class LapFailed(RuntimeError):
    """What was timed did not work, so that its time means nothing."""


def main() -> None:
    """Run all rounds and print the times."""
    request = json.load(sys.stdin)
    laps = {name: prepared(lap) for name, lap in request["laps"].items()}
    times: dict[str, list[float]] = {name: [] for name in laps}
    for number in range(request["rounds"] + request["warm_up"]):
        names = sorted(laps, reverse=number % 2 == 0)
        for name in names:
            took = laps[name]()
            if number >= request["warm_up"]:
                times[name].append(took)
    json.dump(times, sys.stdout)


def prepared(lap: Mapping[str, Any]) -> Callable[[], float]:
    """Return what runs a lap once and says how many milliseconds it took."""
    if "argv" in lap:
        argv = lap["argv"]
        return lambda: timed_command(argv)
    if "call" in lap:
        call = lap["call"]
        timed = timed_arrival if lap.get("until") == "arrived" else timed_call
        return lambda: timed(call)
    words = lap["words"]
    return lambda: timed_plan(words)


def timed_command(argv: Sequence[str]) -> float:
    """Run a command to its end."""
    started = time.perf_counter()
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    took = _since(started)
    if done.returncode != 0:
        raise LapFailed(f"{argv} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def timed_call(call: Mapping[str, str]) -> float:
    """Call a method over a connection that is there already, and read its reply."""
    bus = _bus()
    started = time.perf_counter()
    message = _message(call)
    reply = bus.send_and_get_reply(message, timeout=_PATIENCE_S)
    took = _since(started)
    if reply.header.message_type is not MessageType.method_return:
        raise LapFailed(f"{call} was answered with {reply.body}")
    return took


def timed_arrival(call: Mapping[str, str]) -> float:
    """Call a method as above, until the whole reply is there; it is not taken apart."""
    bus = _bus()
    timed_call(_ANYTHING)  # takes what the bus has sent by itself out of the way
    started = time.perf_counter()
    bus.sock.sendall(_message(call).serialise(serial=next(bus.outgoing_serial)))
    kind = _received(bus)
    took = _since(started)
    if kind is not MessageType.method_return:
        raise LapFailed(f"{call} was answered with a message of the kind {kind.name}")
    return took


def timed_plan(words: str) -> float:
    """Have words understood and planned, until everything that a plan shows has been read."""
    daemon = _daemon()
    started = time.perf_counter()
    intents, _question = daemon.recognise(words)
    changes = [change for intent in intents for change in intent["changes"]]
    path = daemon.plan(changes, words=words, build=False)
    plan = daemon.read_plan(path)
    while plan["State"] == "preparing":
        signal = daemon.wait(_PATIENCE_S)
        if signal is None or signal.path == path:
            plan = daemon.read_plan(path)
    took = _since(started)
    if plan["State"] != "ready":
        raise LapFailed(f"{words!r} became a plan that is {plan['State']}: {plan['Failure']}")
    daemon.discard(path)
    return took


def _message(call: Mapping[str, str]) -> Message:
    address = DBusAddress(call["path"], call["destination"], call["interface"])
    return new_method_call(address, call["member"])


def _received(bus: DBusConnection) -> MessageType:
    """Take one message's bytes; return its kind (D-Bus specification, "Message Format")."""
    taken = bytearray()
    length = _FIXED_HEADER
    while len(taken) < length:
        taken += bus.sock.recv(_CHUNK)
        if len(taken) >= _FIXED_HEADER:
            body, _serial, fields = struct.unpack_from("<III", taken, 4)
            length = _FIXED_HEADER + fields + (-fields % 8) + body
    return MessageType(taken[1])


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


@cache
def _bus() -> DBusConnection:
    return open_dbus_connection(bus="SYSTEM")


@cache
def _daemon() -> Daemon:
    daemon = Daemon(Connection.open())
    daemon.listen()
    return daemon


if __name__ == "__main__":
    main()
