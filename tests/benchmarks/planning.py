"""Planning: from words to a plan that can be shown, beside the evaluation that Nix itself needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.configuration import copy_with_package
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from tests.benchmarks.machine import Lap
    from tests.benchmarks.suite import Bench

_PACKAGE: Final = "ripgrep"


def plan(bench: Bench) -> list[Row]:
    """Measure `Recognise`, `Plan` until it is ready, and reading it; nothing is built."""
    with bench.machine() as machine:
        candidate = copy_with_package(machine, _PACKAGE, "/var/lib/candidate")
        evaluate = ["nix-instantiate", "<nixpkgs/nixos>", "--attr", "system"]
        laps: dict[str, Lap] = {
            "ours": {"words": f"install {_PACKAGE}"},
            "reference": {"argv": [*evaluate, "-I", f"nixos-config={candidate}"]},
        }
        found = machine.medians(laps, bench.effort.runs(20, 5))
    return [
        Row(
            name="words-to-plan",
            what=f"`install {_PACKAGE}` recognised, planned and read over the bus",
            against="`nix-instantiate` of the same candidate by the same user",
            unit="ms",
            budget=Budget(factor=1, plus=200),
            **found,
        )
    ]
