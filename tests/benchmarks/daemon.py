"""The daemon itself: how soon it serves, and how much memory it holds."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.machine import end
from tests.benchmarks.row import Row
from tests.benchmarks.sampling import interleaved, milliseconds

if TYPE_CHECKING:
    from tests.benchmarks.machine import Machine
    from tests.benchmarks.suite import Bench

_PLANS: Final = 20
_SETTLED_S: Final = 0.3
_LEAST_SERVICE: Final = "a service on the same library that does nothing"


def start(bench: Bench) -> list[Row]:
    """Measure the time from starting the daemon until it owns its name."""
    with bench.machine(daemon=False) as machine:
        machine.allow_noop()
        found = interleaved(
            {"ours": lambda: _start_daemon(machine), "reference": lambda: _start_noop(machine)},
            bench.effort.runs(15, 4),
        )
    return [
        Row(
            name="daemon-start",
            what="luminousd from its start until it owns its name",
            against=_LEAST_SERVICE,
            unit="ms",
            budget=Budget(plus=400),
            **found,
        )
    ]


def memory(bench: Bench) -> list[Row]:
    """Measure what the daemon holds when it has just started, and after it has made plans."""
    with bench.machine() as machine, machine.noop() as noop:
        time.sleep(_SETTLED_S)
        least, idle = _resident(noop.pid), _resident(machine.daemon_pid)
        machine.laps({"plan": {"words": "install jq"}}, _PLANS, warm_up=0)
        time.sleep(_SETTLED_S)
        worked = _resident(machine.daemon_pid)
    return [
        Row(
            name=name,
            what=what,
            against=_LEAST_SERVICE,
            unit="MB",
            ours=ours,
            reference=least,
            budget=Budget(plus=45),
        )
        for name, what, ours in (
            ("daemon-memory-idle", "resident memory of luminousd that has just started", idle),
            ("daemon-memory-used", f"resident memory of luminousd after {_PLANS} plans", worked),
        )
    ]


def _start_daemon(machine: Machine) -> float:
    took = milliseconds(machine.start_daemon)
    machine.stop_daemon()
    return took


def _start_noop(machine: Machine) -> float:
    started = time.perf_counter()
    process = machine.start_noop()
    took = (time.perf_counter() - started) * 1000
    end(process)
    return took


def _resident(pid: int) -> float:
    """Return the resident memory of a process in megabytes (proc(5), VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, flags=re.MULTILINE)
    if found is None:
        raise RuntimeError(f"Process {pid} has no resident memory: it has ended.")
    return int(found[1]) * 1024 / 1e6
