"""A build that prints thousands of lines costs the daemon neither its connection nor its size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from tests.integration.bus_client import Client
from tests.integration.machine_state import rewritten

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration

LINES = 5000
COUNT = 'i=0; while [ $i -lt {} ]; do i=$((i+1)); echo \\"{}\\"; done'
CHATTY = f"""
  nixpkgs.overlays = [ (final: previous: {{
    chatty = previous.stdenv.mkDerivation {{
      name = "chatty-1"; meta.description = "Prints a great deal";
      buildPhase = "{COUNT.format(LINES, "line $i of a long log")}";
    }};
    endless = previous.stdenv.mkDerivation {{
      name = "endless-1"; meta.description = "Prints a line of six million characters";
      # Nix repeats up to 25 of the last lines in its message, so some shorter ones follow.
      buildPhase = "head -c 6000000 /dev/zero | tr '\\\\0' x; {COUNT.format(30, "more")}; exit 1";
    }};
  }}) ];
"""


def configuration(sandbox: Sandbox) -> bytes:
    """Return a configuration.nix that knows the two packages."""
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    return text.replace("  time.timeZone", f"{CHATTY}\n  time.timeZone", 1).encode()


def resident(sandbox: Sandbox) -> int:
    """Return the daemon's resident memory in KiB."""
    status = Path(f"/proc/{sandbox.daemon_pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])


def test_five_thousand_lines_are_gathered_into_few_signals(sandbox: Sandbox) -> None:
    pid, before = sandbox.daemon_pid, resident(sandbox)
    with rewritten(sandbox, "configuration.nix", configuration(sandbox)), Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "add-package", "package": "chatty"}))
        signals = alice.signals(path, "Finished", 60)
        (finished,) = [body for _, _, name, body in signals if name == "Finished"]
        assert finished[0] == "done", finished
        logs = [body[0] for _, _, name, body in signals if name == "Log"]
        seconds = alice.transaction(path)["Finished"] - alice.transaction(path)["Started"] + 2
        # Five a second at most, with the newest lines in each.
        assert 1 <= len(logs) <= 5 * seconds + 10
        assert all(len(lines) <= 40 for lines in logs)
        numbers = [
            int(found[1])
            for lines in logs
            for line in lines
            if (found := re.fullmatch(r"line (\d+) of a long log", line))
        ]
        assert numbers == sorted(numbers)
        assert numbers[-1] == LINES
        assert len([signal for signal in signals if signal[2] == "Progress"]) <= 5 * seconds + 20
        undone = alice.carry_out({"kind": "remove-package", "package": "chatty"})
        assert undone["State"] == "done"
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
    assert resident(sandbox) < before + 10_000


def test_a_client_that_does_not_listen_does_not_hold_the_daemon_up(sandbox: Sandbox) -> None:
    # It asks for all signals and then reads nothing, so that its own queue at the bus fills up.
    deaf = """
import time
from jeepney import MatchRule, message_bus
from jeepney.io.blocking import open_dbus_connection
with open_dbus_connection("SYSTEM") as bus:
    bus.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal")))
    print("deaf", flush=True)
    time.sleep(60)
"""
    with sandbox.popen(["python", "-c", deaf], user="bob") as bob, Client(sandbox) as alice:
        assert bob.stdout is not None
        assert bob.stdout.readline() == "deaf\n"
        plans = [alice.plan({"kind": "add-package", "package": "hello"}) for _ in range(3)]
        assert {alice.properties(plan, PLAN)["State"] for plan in plans} == {"ready"}
        assert alice.until(alice.apply(plans[0]))["State"] == "done"
        bob.kill()
        assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


def test_a_line_without_an_end_is_survived(sandbox: Sandbox) -> None:
    pid = sandbox.daemon_pid
    with rewritten(sandbox, "configuration.nix", configuration(sandbox)), Client(sandbox) as alice:
        ended = alice.carry_out({"kind": "add-package", "package": "endless"})
        assert (ended["State"], ended["Result"]["error"]) == ("failed", "BuildFailed"), ended
        assert all(len(line) < 10_000 for line in ended["Result"]["log"])
        assert ended["Result"]["log"][-1] == "more"
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
    assert "Traceback" not in sandbox.daemon_log
