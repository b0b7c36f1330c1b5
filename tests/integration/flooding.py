"""Flooding: a client that sends without end and reads nothing, and one that measures meanwhile."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

KINDS = ("status", "no-reply", "plan", "match")

_FLOOD = """
import sys
from jeepney import DBusAddress, MatchRule, MessageFlag, message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection
root = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.System")
change = [{"kind": ("s", "add-package"), "package": ("s", "hello")}]
def message(kind, number):
    if kind == "match":
        return message_bus.AddMatch(MatchRule(type="signal", member=f"x{number}"))
    if kind == "plan":
        return new_method_call(root, "Plan", "aa{sv}a{sv}", (change, {}))
    call = new_method_call(root, "Status")
    if kind == "no-reply":
        call.header.flags = MessageFlag.no_reply_expected
    return call
with open_dbus_connection("SYSTEM") as bus:
    calls = b"".join(message(sys.argv[1], n).serialise(serial=n) for n in range(1, 300))
    bus.sock.setblocking(True)
    bus.sock.sendall(calls)
    print("flowing", flush=True)
    while True:
        bus.sock.sendall(calls)
"""
_TIMING = """
import json, time
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
root = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.System")
took = []
with open_dbus_connection("SYSTEM") as bus:
    for _ in range(300):
        began = time.perf_counter()
        bus.send_and_get_reply(new_method_call(root, "Status"), timeout=30)
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.002)
print(json.dumps(sorted(took[20:])))
"""


@contextmanager
def flood(sandbox: Sandbox, kind: str) -> Iterator[None]:
    """Have bob send calls without end, and read no answer."""
    with sandbox.popen(["python", "-c", _FLOOD, kind], user="bob") as bob:
        assert bob.stdout is not None
        assert bob.stdout.readline() == "flowing\n"
        try:
            yield
        finally:
            bob.kill()


def p95_of_status(sandbox: Sandbox) -> float:
    """Return the milliseconds within which 95 of 100 of alice's `Status` are answered."""
    done = sandbox.run(["python", "-c", _TIMING])
    assert done.returncode == 0, done.stderr
    took: list[float] = json.loads(done.stdout)
    return took[int(len(took) * 0.95)]
