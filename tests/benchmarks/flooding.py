"""A flood from one client: how soon another's `Status` is answered meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.bus import NOTHING, STATUS
from tests.benchmarks.row import Row
from tests.benchmarks.sampling import quantile
from tests.integration.flooding import flood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.machine import Lap, Machine
    from tests.benchmarks.suite import Bench

_KINDS: Final = {"status": "`Status`", "plan": "plans"}
_LAPS: Final[Mapping[str, Lap]] = {"status": {"call": STATUS}, "nothing": {"call": NOTHING}}
_PERCENT: Final = 95


def flooded(bench: Bench) -> list[Row]:
    """Measure `Status` beside floods, and what the bus and the cores leave to any service then."""
    rounds = bench.effort.runs(1500, 300)
    rows = []
    with bench.machine() as machine, machine.noop():
        for kind, words in _KINDS.items():
            idle = _p95s(machine, rounds)
            with flood(machine, kind):
                busy = _p95s(machine, rounds)
            what = f"`Status`, p95, while another user floods the daemon with {words}"
            rows += [
                Row(
                    name=f"flood-of-{kind}",
                    what=what,
                    against="the same without a flood",
                    unit="ms",
                    ours=busy["status"],
                    reference=idle["status"],
                    budget=Budget(factor=3),
                ),
                Row(
                    name=f"flood-of-{kind}-bus",
                    what=what,
                    against="a method of another service that does nothing, in the same flood",
                    unit="ms",
                    ours=busy["status"],
                    reference=busy["nothing"],
                    budget=Budget(factor=1.3),
                ),
            ]
    return rows


def _p95s(machine: Machine, rounds: int) -> dict[str, float]:
    return {name: quantile(times, _PERCENT) for name, times in machine.laps(_LAPS, rounds).items()}
