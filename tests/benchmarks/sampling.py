"""Sampling: how often things are measured, turn by turn, and what many times come to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Effort:
    """How much trouble is taken: all runs, or few for a quick look."""

    is_quick: bool = False

    def runs(self, full: int, quick: int) -> int:
        """Return how many runs to make."""
        return quick if self.is_quick else full


def interleaved(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Return the median of each measure, taken in turn so that all meet the same machine.

    Every other round goes backwards, so that none always comes after the same one. A first round
    is for warming up and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        names = sorted(measures, reverse=number % 2 == 0)
        for name in names:
            measured = measures[name]()
            if number:
                times[name].append(measured)
    return {name: median(found) for name, found in times.items()}


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def quantile(values: Sequence[float], percent: int) -> float:
    """Return the value that this share of all values does not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def times_of(ask: Callable[[str], object], queries: Iterable[str]) -> dict[str, float]:
    """Return the milliseconds that half, 95 % and 99 % of the queries do not exceed."""
    return spread([milliseconds(partial(ask, query)) for query in queries])


def spread(times: Sequence[float]) -> dict[str, float]:
    """Return what half, 95 % and 99 % of some milliseconds do not exceed."""
    return {f"p{share}_ms": quantile(times, share) for share in (50, 95, 99)}
