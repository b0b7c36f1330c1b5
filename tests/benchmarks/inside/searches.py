"""Searches: asks over the bus, where things happen, and prints the milliseconds.

A program of its own, run in the sandbox by an unprivileged user. It reads one JSON object from
standard input (`asked`, lists of queries by sort, and `with_meaning`) and writes what it measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jeepney.io.blocking import DBusConnection

_PATIENCE_S = 60.0
_LOAD_S = 5.0
_CLIENTS = 8
_KNOWLEDGE = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.Knowledge")


def main() -> None:
    """Ask everything once the mind is warm, then as eight clients at once."""
    request = json.load(sys.stdin)
    asked: dict[str, list[str]] = request["asked"]
    bus = open_dbus_connection(bus="SYSTEM")
    search(bus, "anything")
    while request["with_meaning"] and status(bus)["meaning"][1] != "on":
        time.sleep(0.01)
    for queries in asked.values():
        for query in queries[:20]:
            search(bus, query)
    times = {sort: [timed(bus, query) for query in queries] for sort, queries in asked.items()}
    every = [query for queries in asked.values() for query in queries]
    json.dump({"times": times, "per_second": under_load(every)}, sys.stdout)


def search(bus: DBusConnection, query: str) -> Any:  # noqa: ANN401 - passages
    """Search over all kinds."""
    return _asked(bus, "Search", ("sa{sv}", (query, {})))


def status(bus: DBusConnection) -> Any:  # noqa: ANN401 - facts
    """Return what is in the index."""
    return _asked(bus, "Status", ("", ()))


def _asked(bus: DBusConnection, member: str, given: tuple[str, tuple[object, ...]]) -> Any:  # noqa: ANN401 - whatever the method answers with
    message = new_method_call(_KNOWLEDGE, member, *given)
    reply = bus.send_and_get_reply(message, timeout=_PATIENCE_S)
    if reply.header.message_type is not MessageType.method_return:
        raise SystemExit(f"{member} was answered with {reply.body}")
    return reply.body[0]


def timed(bus: DBusConnection, query: str) -> float:
    """Search, and read the reply; return the milliseconds."""
    started = time.perf_counter()
    search(bus, query)
    return (time.perf_counter() - started) * 1000


def under_load(queries: Sequence[str]) -> float:
    """Return the answers a second that eight clients get together."""
    began = time.time() + 1
    reading, writing = os.pipe()
    for number in range(_CLIENTS):
        if os.fork() == 0:
            os.write(writing, f"{_count(queries, number, began)}\n".encode())
            os._exit(0)
    os.close(writing)
    for _ in range(_CLIENTS):
        os.wait()
    with os.fdopen(reading) as counts:
        return sum(map(int, counts)) / _LOAD_S


def _count(queries: Sequence[str], number: int, began: float) -> int:
    bus = open_dbus_connection(bus="SYSTEM")
    time.sleep(max(0.0, began - time.time()))
    count = 0
    while time.time() < began + _LOAD_S:
        search(bus, queries[(count * 7 + number) % len(queries)])
        count += 1
    return count


if __name__ == "__main__":
    main()
