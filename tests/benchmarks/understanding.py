"""Understanding words: the rule recogniser on the phrases of the evals."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from luminous_protocol.grammar import recognise
from tests.benchmarks.budget import Budget
from tests.benchmarks.row import Row
from tests.benchmarks.sampling import milliseconds, quantile

if TYPE_CHECKING:
    from tests.benchmarks.suite import Bench

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_FILES: Final = (
    _CHECKOUT / "tests/evals/data/phrases-own.jsonl",
    _CHECKOUT.parent / "shared/data/dev/phrases.jsonl",
)


def recogniser(bench: Bench) -> list[Row]:
    """Measure how long a phrase takes: the middle one, and the slowest of twenty."""
    phrases = _phrases()
    parser = _command_line()
    recognise("help")  # loads the word lists
    times: list[list[float]] = [[] for _ in phrases]
    reference: list[float] = []
    for _ in range(bench.effort.runs(9, 3)):
        for phrase, found in zip(phrases, times, strict=True):
            found.append(milliseconds(partial(recognise, phrase)))
            reference.append(milliseconds(partial(parser.parse_args, ["install", "firefox"])))
    # One figure a phrase, so that the slowest phrases count and not the machine's slow moments.
    calls = [median(found) for found in times]
    return [
        Row(
            name=f"recogniser-p{percent}",
            what=f"rules on {len(phrases)} phrases, p{percent}",
            against="argparse reading `install firefox`, p50",
            unit="ms",
            ours=quantile(calls, percent),
            reference=median(reference),
            budget=Budget(plus=1),
        )
        for percent in (50, 95)
    ]


def _phrases() -> list[str]:
    found: list[str] = []
    for file in _FILES:
        if file.exists():
            lines = file.read_text(encoding="utf-8").splitlines()
            found.extend(json.loads(line)["text"] for line in lines if line.strip())
    return found


def _command_line() -> argparse.ArgumentParser:
    """Return the parser that somebody would write who has verbs and no words."""
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb")
    for verb in ("install", "remove", "enable", "disable", "update", "rollback"):
        verbs.add_parser(verb).add_argument("what", nargs="?")
    return parser
