"""Cold starts of ask-nix: what a person waits for before anything is done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.row import Row
from tests.benchmarks.sampling import interleaved, milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.machine import Lap
    from tests.benchmarks.suite import Bench

_ASK_NIX: Final = str(Path(sys.prefix, "bin/ask-nix"))
_BARE: Final = (sys.executable, "-c", "pass")
_BUS_LIBRARY: Final = (sys.executable, "-c", "import jeepney.io.blocking")


def help_cold(bench: Bench) -> list[Row]:
    """Measure how soon the help page is there."""
    found = interleaved(
        {
            "ours": lambda: _timed((_ASK_NIX, "--help")),
            "reference": lambda: _timed(_BUS_LIBRARY),
        },
        bench.effort.runs(40, 8),
    )
    return [
        Row(
            name="help-cold",
            what="`ask-nix --help` in a new process",
            against="bare Python that imports the client's bus library, jeepney",
            unit="ms",
            budget=Budget(factor=1.5),
            **found,
        )
    ]


def status_cold(bench: Bench) -> list[Row]:
    """Measure how soon the state of the machine is shown."""
    laps: dict[str, Lap] = {
        "ours": {"argv": [_ASK_NIX, "status"]},
        "reference": {"argv": list(_BARE)},
    }
    with bench.machine() as machine:
        found = machine.medians(laps, bench.effort.runs(40, 8))
    return [
        Row(
            name="status-cold",
            what="`ask-nix status` in a new process, by an unprivileged user",
            against="`python -c pass`",
            unit="ms",
            budget=Budget(factor=1, plus=80),
            **found,
        )
    ]


def _timed(argv: Sequence[str]) -> float:
    return milliseconds(lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL))
