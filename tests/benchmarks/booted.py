"""The daemon on a booted machine: how soon it is there, and what it holds after long use."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.row import Row
from tests.machine.layer import machine_layers
from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.suite import Bench

_PROGRAMS: Final = ("mmdebstrap", "systemd-nspawn")
_TRANSACTIONS: Final = 100
_ASK: Final = "su - alice -c 'ask-nix {}' >/dev/null"
_STATUS: Final = _ASK.format("status")


def missing_programs() -> list[str]:
    """Return what a booted machine needs and is not here; `make test-machine` installs it."""
    return [program for program in _PROGRAMS if shutil.which(program) is None]


def booted(bench: Bench) -> list[Row]:
    """Measure the way from a boot, and from a request, to a daemon that serves; then use it."""
    with _machine() as machine:
        machine.succeed("systemctl enable luminousd")
        boots = [_boot(machine) for _ in range(bench.effort.runs(5, 1))]
        machine.succeed("systemctl disable luminousd")
        starts = [_request(machine) for _ in range(bench.effort.runs(9, 2))]
        fresh = _resident(machine)
        for number in range(bench.effort.runs(_TRANSACTIONS, 4)):
            package = ("hello", "sl")[number % 2]
            machine.succeed(_ASK.format(f"--yes --test install {package}"))
        used = _resident(machine)
    return [
        Row(
            name="boot-to-name",
            what="a boot, from systemd's start until luminousd owns its name",
            against="until basic.target is reached, which it comes after",
            unit="ms",
            ours=median(ours for ours, _ in boots),
            reference=median(others for _, others in boots),
            budget=Budget(factor=1, plus=1000),
        ),
        Row(
            name="first-request",
            what="`ask-nix status` that starts the daemon by the bus",
            against="the same when it runs",
            unit="ms",
            ours=median(first for first, _ in starts),
            reference=median(second for _, second in starts),
            budget=Budget(factor=1, plus=1000),
        ),
        Row(
            name="memory-after-100",
            what=f"resident memory of luminousd after {_TRANSACTIONS} transactions",
            against="the same, just started",
            unit="MB",
            ours=used,
            reference=fresh,
            budget=Budget(factor=1, plus=10),
        ),
    ]


@contextmanager
def _machine() -> Iterator[Machine]:
    if missing := missing_programs():
        raise RuntimeError(f"{', '.join(missing)} is missing; `make test-machine` installs it")
    with tempfile.TemporaryDirectory(prefix="luminous-booted-") as folder:
        kept = Path(folder, "kept")
        kept.mkdir()
        machine = Machine(machine_layers(Path(folder, "layer")), kept)
        machine.start()
        machine.wait_for_unit("multi-user.target")
        try:
            yield machine
        finally:
            machine.crash()


def _boot(machine: Machine) -> tuple[float, float]:
    """Boot; return the milliseconds until the daemon served, and until all else was up."""
    machine.reboot()
    machine.wait_for_unit("luminousd.service")
    machine.wait_for_unit("multi-user.target")
    began = _moment(machine, "", "UserspaceTimestampMonotonic")
    ours = _moment(machine, "luminousd", "ActiveEnterTimestampMonotonic")
    others = _moment(machine, "basic.target", "ActiveEnterTimestampMonotonic")
    return (ours - began) / 1000, (others - began) / 1000


def _moment(machine: Machine, unit: str, which: str) -> int:
    return int(machine.succeed(f"systemctl show --value --property={which} {unit}"))


def _request(machine: Machine) -> tuple[float, float]:
    machine.succeed("systemctl stop luminousd")
    return _milliseconds(machine), _milliseconds(machine)


def _milliseconds(machine: Machine) -> float:
    began = time.perf_counter()
    machine.succeed(_STATUS)
    return (time.perf_counter() - began) * 1000


def _resident(machine: Machine) -> float:
    shown = "grep VmRSS /proc/$(systemctl show --value --property=MainPID luminousd)/status"
    return int(machine.succeed(shown).split()[1]) / 1024
