"""Thousands of hostile messages are each answered by name, and leave the daemon as it was."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import EXPLAIN, INTENT, PLAN, ROOT_PATH
from tests.fuzz.attacks import WAYS
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import state_of, wait_until
from tests.integration.polkit_rules import CHANGING, refusing, reload_bus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
    pytest.mark.timeout(300),
]

SPOKEN = (
    *("installiere htop", "instala htop", "installe htop", "installa htop", "installeer htop"),
    *("zainstaluj htop", "instale o htop", "установи htop", "安装 htop", "htopをインストールして"),
)
"""A request in each language whose tables are loaded when it is first spoken."""
EXPLAINED: tuple[tuple[str, str, list[Any]], ...] = (
    ("Why", "sa{sv}", ["htop", {}]),
    ("Unit", "sa{sv}", ["sshd", {}]),
    ("Disk", "a{sv}", [{}]),
    ("Changes", "a{sv}", [{}]),
    ("Health", "a{sv}", [{}]),
)
SEED = int(os.environ.get("SEED", "20261121"))
"""`SEED=7 make test-fuzz` sends other messages; a failure prints the seed that it had."""
COUNT = int(os.environ.get("MESSAGES", "20000"))
CHECKOUT = Path(__file__).parents[2]
LOOSE = """<busconfig>
  <policy context="mandatory">
    <allow send_destination="org.luminous1"/>
    <allow send_destination="org.luminous1" send_requested_reply="false"
           send_type="method_return"/>
    <allow send_destination="org.luminous1" send_requested_reply="false" send_type="error"/>
    <allow receive_requested_reply="false" receive_type="method_return"/>
    <allow receive_requested_reply="false" receive_type="error"/>
  </policy>
</busconfig>
"""


def fuzz(sandbox: Sandbox, seed: int, count: int, objects: list[str]) -> dict[str, Any]:
    """Attack as bob; return what came of it."""
    request = {
        "socket": "/run/dbus/system_bus_socket",
        "seed": seed,
        "count": count,
        "objects": objects,
        "seconds": 60,
        "largest": True,
    }
    done = sandbox.run(
        [sys.executable, "-m", "tests.fuzz"],
        user="bob",
        folder=str(CHECKOUT),
        input=json.dumps(request),
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def resident(sandbox: Sandbox) -> int:
    """Return the daemon's resident memory in KiB."""
    status = Path(f"/proc/{sandbox.daemon_pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])


def descriptors(sandbox: Sandbox) -> int:
    """Return how many files the daemon has open."""
    return len(list(Path(f"/proc/{sandbox.daemon_pid}/fd").iterdir()))


def warm_up(client: Client) -> None:
    """Let the daemon load what it loads with the first request that needs it."""
    for change in (
        {"kind": "add-package", "package": "helo"},
        {"kind": "enable", "target": "blutooth"},
        {"kind": "set-option", "option": "networking.hostNam", "value": "x"},
        {"kind": "update-inputs", "inputs": []},
        {"kind": "collect-garbage"},
    ):
        client.send(client.plan(change), (PLAN, "Discard"))
    for words in SPOKEN:
        client.send(ROOT_PATH, (INTENT, "Recognise"), ("sa{sv}", [words, {}]))
    for member, signature, body in EXPLAINED:
        with contextlib.suppress(Refused):
            client.send(ROOT_PATH, (EXPLAIN, member), (signature, body))


def assert_sound(found: dict[str, Any]) -> None:
    """Check that everything was answered, by name and without a word of the code."""
    assert found["unnamed"] == [], found["unnamed"][:3]
    assert found["given_away"] == [], found["given_away"][:3]
    assert found["unanswered"] == []
    assert found["cut"] == []


@pytest.fixture
def loose_bus(sandbox: Sandbox) -> Iterator[None]:
    """Let the bus pass on what it would refuse by its policy: replies that nobody asked for too."""
    policy = sandbox.path("/etc/dbus-1/system.d/zz-loose.conf")
    policy.write_text(LOOSE)
    reload_bus(sandbox)
    yield
    policy.unlink()
    reload_bus(sandbox)


@pytest.mark.usefixtures("loose_bus")
def test_the_daemon_is_the_same_after_thousands_of_hostile_messages(sandbox: Sandbox) -> None:
    sys.stdout.write(f"SEED={SEED} MESSAGES={COUNT}\n")
    with Client(sandbox) as alice:
        finished = alice.apply(alice.plan({"kind": "add-package", "package": "hello"}))
        assert alice.until(finished)["State"] == "done"
        alices = alice.plan({"kind": "add-package", "package": "cowsay"})
        with refusing(sandbox, "bob", CHANGING):
            warm_up(alice)
            # What is remembered of callers and signatures is bounded, but first it is filled.
            assert_sound(fuzz(sandbox, SEED - 1, COUNT * 2 // 5, [finished]))
            pid, memory, files = sandbox.daemon_pid, resident(sandbox), descriptors(sandbox)
            state = state_of(sandbox)
            found = fuzz(sandbox, SEED, COUNT * 3 // 5, [finished])
            assert_sound(found)
            assert set(found["sent"]) == set(WAYS)
            assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
            sys.stdout.write(f"{memory} -> {resident(sandbox)}\n")
            assert resident(sandbox) <= memory * 1.1
            wait_until(lambda: descriptors(sandbox) <= files)
            assert state_of(sandbox) == state
        assert "Traceback" not in sandbox.daemon_log
        assert alice.until(alice.apply(alices))["State"] == "done"


def test_under_the_shipped_policy_it_is_no_different(sandbox: Sandbox) -> None:
    with refusing(sandbox, "bob", CHANGING):
        assert_sound(fuzz(sandbox, SEED + 1, COUNT // 10, []))
    assert "Traceback" not in sandbox.daemon_log
