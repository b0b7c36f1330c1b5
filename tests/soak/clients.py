"""The clients of a soak: many connections of one user, each in a thread, that ask all the time.

It runs inside a sandbox. Standard input says with JSON: `clients`, `seconds`, `seed`, and
`changes`, whether the first client makes changes, one after the other. Standard output is what it
saw.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME, ROOT = "org.luminous1", "/org/luminous1"
SYSTEM, PLAN, TRANSACTION = f"{NAME}.System", f"{NAME}.Plan", f"{NAME}.Transaction"
PROPERTIES = "org.freedesktop.DBus.Properties"
NAMED = (f"{NAME}.Error.", "org.freedesktop.DBus.Error.LimitsExceeded")
PACKAGES = ("hello", "cowsay", "figlet", "fd")
READS: list[tuple[str, str, str, tuple[Any, ...]]] = [
    (SYSTEM, "Status", "", ()),
    (SYSTEM, "ListGenerations", "", ()),
    (SYSTEM, "ListTransactions", "a{sv}", ({"limit": ("x", 10)},)),
    (SYSTEM, "CompareGenerations", "tt", (1, 0)),
    (f"{NAME}.Intent", "Recognise", "sa{sv}", ("install micro and jq, then update", {})),
    (PROPERTIES, "GetAll", "s", (SYSTEM,)),
    ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", ()),
    ("org.freedesktop.DBus.Introspectable", "Introspect", "", ()),
]
_POLL_SECONDS = 0.3
_END_SECONDS = 90.0
_PAUSE_SECONDS = 1.0
_PLANNING = 0.05


class Refused(Exception):
    """A named error."""


@dataclass
class Seen:
    """What all clients of this process saw; `wrong` is what must not be."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    begun: dict[str, str] = field(default_factory=dict)
    finished: Counter[str] = field(default_factory=Counter)


class Client:
    """One connection."""

    def __init__(self, connection: DBusConnection, seen: Seen) -> None:
        """Ask over `connection` and note in `seen`."""
        self._connection = connection
        self._seen = seen

    def call(self, path: str, method: tuple[str, str], signature: str, *body: object) -> Any:  # noqa: ANN401 - any value
        """Make a call; return its first value. Raises `Refused` for an error with a name."""
        address = DBusAddress(path, NAME, method[0])
        message = new_method_call(address, method[1], signature or None, body)
        began = time.monotonic()
        reply = self._send(message)
        self._seen.seconds[method[1]].append(time.monotonic() - began)
        if reply.header.message_type is MessageType.error:
            name = str(reply.header.fields[HeaderFields.error_name])
            self._seen.refusals[f"{method[1]}: {name.rpartition('.')[2]}"] += 1
            if not name.startswith(NAMED):
                self._seen.wrong.append(f"{method[1]}: {name}: {reply.body}")
            raise Refused(name)
        return reply.body[0] if reply.body else None

    def _send(self, message: Any) -> Any:  # noqa: ANN401 - jeepney's messages
        serial = next(self._connection.outgoing_serial)
        self._connection.send(message, serial=serial)
        while True:
            reply = self._connection.receive(timeout=60)
            fields = reply.header.fields
            if fields.get(HeaderFields.reply_serial) == serial:
                return reply
            if fields.get(HeaderFields.member) == "Finished":
                self._seen.finished[fields[HeaderFields.path]] += 1

    def read(self, random: Random) -> None:
        """Ask something that changes nothing."""
        interface, member, signature, body = random.choice(READS)
        self.call(ROOT, (interface, member), signature, *body)

    def plan(self, *change: tuple[str, str]) -> tuple[str, str]:
        """Make a plan; return its path and its state once it has been prepared."""
        changes = [{key: ("s", value) for key, value in change}]
        path = self.call(ROOT, (SYSTEM, "Plan"), "aa{sv}a{sv}", changes, {})
        while (state := self.state(path, PLAN)) == "preparing":
            time.sleep(_POLL_SECONDS)
        return path, state

    def state(self, path: str, interface: str) -> str:
        """Return the state of a plan or a transaction."""
        return str(self.call(path, (PROPERTIES, "Get"), "ss", interface, "State")[1])

    def change(self, number: int) -> None:
        """Install or remove a package, and wait for the end."""
        package = PACKAGES[number // 2 % len(PACKAGES)]
        kind = "remove-package" if number % 2 else "add-package"
        path, state = self.plan(("kind", kind), ("package", package))
        if state != "ready":
            return
        transaction = self.call(path, (PLAN, "Apply"), "sa{sv}", "switch", {"wait": ("b", True)})
        deadline = time.monotonic() + _END_SECONDS
        self._seen.begun[transaction] = "lost"
        while time.monotonic() < deadline:
            state = self.state(transaction, TRANSACTION)
            if state in {"done", "failed", "cancelled"}:
                self._seen.begun[transaction] = state
                return
            time.sleep(_POLL_SECONDS)


def ask_until(deadline: float, client: Client, random: Random) -> None:
    """Read all the time, and plan now and then."""
    while time.monotonic() < deadline:
        try:
            if random.random() < _PLANNING:
                package = random.choice((*PACKAGES, "jq", "no-such-package"))
                path, _ = client.plan(("kind", "add-package"), ("package", package))
                client.call(path, (PLAN, "Discard"), "")
            else:
                client.read(random)
        except Refused:
            pass  # counted already
        time.sleep(random.random() * _PAUSE_SECONDS)


def change_until(deadline: float, client: Client, connection: DBusConnection) -> None:
    """Make changes, one after the other."""
    rule = MatchRule(type="signal", interface=TRANSACTION, member="Finished")
    connection.send_and_get_reply(message_bus.AddMatch(rule))
    number = 0
    while time.monotonic() < deadline:
        with contextlib.suppress(Refused):  # counted already
            client.change(number)
        number += 1
    client.call(ROOT, (SYSTEM, "Status"), "")  # takes in the signals that came before its reply


def run(request: dict[str, Any], number: int, seen: Seen) -> None:
    """Be one client."""
    deadline = time.monotonic() + request["seconds"]
    try:
        with open_dbus_connection("SYSTEM") as connection:
            client = Client(connection, seen)
            if request["changes"] and number == 0:
                change_until(deadline, client, connection)
            else:
                ask_until(deadline, client, Random(request["seed"] * 1000 + number))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
        seen.wrong.append(f"client {number}: {error!r}")


def main() -> None:
    """Be all clients, and say what they saw."""
    request = json.load(sys.stdin)
    seen = Seen()
    threads = [
        threading.Thread(target=run, args=(request, number, seen))
        for number in range(request["clients"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(vars(seen)))


if __name__ == "__main__":
    main()
