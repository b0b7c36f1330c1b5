"""Intent eval: how well phrases are understood, and how often a change is read where none is asked.

Usage: intent.py [--recogniser rules|semantic|all] [--details] [FILE]. FILE holds JSON lines of
phrases; the default is the development set beside the checkout. Prints a table and, last, one JSON
object.

What is only asked about ("Do you want to remove vim?") is understood, and no false action where
nothing of the kind was asked for: `false_questions` counts that.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import numpy as np
from recognisers import CATALOGUE, RECOGNISERS, SHARED, Understood

from luminous_mind.intent.classifier import calibration_error
from luminous_protocol.grammar.vocabulary import vocabulary
from luminous_protocol.intents import CHANGING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Recognise = Callable[[str], Understood]

DEFAULT = SHARED / "dev" / "phrases.jsonl"
CHANGES = frozenset(kind.value for kind in CHANGING)
OTHER = "other"


@dataclass
class Verdict:
    """How one record was judged."""

    record: dict[str, Any]
    got: list[tuple[str, dict[str, str]]]
    is_right: bool
    has_slots_right: bool
    is_false_action: bool
    is_false_question: bool
    violations: list[str]
    took_ms: float
    understood: Understood


@dataclass
class Tally:
    """Counts of records and of those that were right."""

    records: int = 0
    right: int = 0
    slots_right: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.records += 1
        self.right += verdict.is_right
        self.slots_right += verdict.is_right and verdict.has_slots_right


class Catalogue:
    """Names of packages: makes different names of one package the same."""

    def __init__(self, path: Path) -> None:
        """Read the catalogue at `path` when there is one."""
        self._names: dict[str, str] = {}
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    attribute = record.get("sameDerivationAs") or record["attr"]
                    self._names.setdefault(record["attr"].lower(), attribute.lower())
                    self._names.setdefault(record["pname"].lower(), attribute.lower())

    def resolve(self, name: str) -> str:
        """Return the catalogue's name of a package that may be named otherwise."""
        lowered = name.strip().lower()
        alias = vocabulary().lexicon.package((lowered,)) or lowered
        return self._names.get(alias.lower(), alias.lower())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the eval; the exit status is 0 whenever it could run."""
    parser = argparse.ArgumentParser(description="Measure how well requests are recognised.")
    parser.add_argument("--recogniser", choices=sorted(RECOGNISERS), default="all")
    parser.add_argument("--details", action="store_true", help="list each failing record")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE")
    options = parser.parse_args(arguments)
    if not options.file.exists():
        print(f"There is no data at {options.file}: nothing was measured.")
        print(json.dumps(summary([])))
        return 0
    with options.file.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    catalogue = Catalogue(CATALOGUE)
    chosen = RECOGNISERS[options.recogniser]
    chosen("help")  # the word lists are loaded once, before the clock runs
    verdicts = [judge(record, chosen, catalogue) for record in records]
    if options.details:
        _print_details(verdicts)
    _print_table(verdicts)
    print(json.dumps(summary(verdicts)))
    return 0


def judge(record: dict[str, Any], recogniser: Recognise, catalogue: Catalogue) -> Verdict:
    """Run one record through the recogniser and compare."""
    started = time.perf_counter()
    understood = recogniser(record["text"])
    took_ms = (time.perf_counter() - started) * 1000
    answer = understood.found
    is_asked = bool(answer.question)
    got = [(str(intent.kind.value), dict(intent.slots)) for intent in answer.intents]
    expected = [(entry["intent"], entry.get("slots") or {}) for entry in record["intents"]]
    names = [name for name, _ in got] or [OTHER]
    wanted = [name for name, _ in expected] or [OTHER]
    violations = _violations(record, got, is_asked=is_asked)
    is_right = not violations if record.get("adversarial") else names == wanted
    has_slots = all(
        _same(name, value, slots.get(name), catalogue)
        for (kind, needed), (_, slots) in zip(expected, got, strict=False)
        if kind != OTHER
        for name, value in needed.items()
    )
    asks_change = bool(CHANGES.intersection(wanted)) or _may_change(record, violations)
    is_false = not asks_change and bool(CHANGES.intersection(names))
    return Verdict(
        record,
        got,
        is_right,
        has_slots,
        is_false and not is_asked,
        is_false and is_asked,
        violations,
        took_ms,
        understood,
    )


def _may_change(record: dict[str, Any], violations: list[str]) -> bool:
    """Say whether an adversarial record allows exactly the change that was read."""
    return bool(record.get("adversarial")) and not violations


def _violations(
    record: dict[str, Any], got: list[tuple[str, dict[str, str]]], *, is_asked: bool
) -> list[str]:
    if not record.get("adversarial"):
        return []
    found: list[str] = []
    outcomes = record.get("allowed_outcomes") or ["reject"]
    is_clear = is_asked and "clarify" in outcomes
    if got and not is_clear and not any(_is_outcome(outcome, got) for outcome in outcomes):
        found.append(f"outcome {got} is none of {outcomes}")
    if not got and not {"reject", "clarify"}.intersection(outcomes):
        found.append(f"nothing was read, allowed is {outcomes}")
    values = [value for _, slots in got for value in slots.values()]
    found.extend(
        f"{text!r} stands in a slot"
        for text in record.get("must_not_contain") or []
        if any(text in value for value in values)
    )
    return found


def _is_outcome(outcome: str, got: list[tuple[str, dict[str, str]]]) -> bool:
    """Say whether `got` is exactly an outcome like "install:vim"."""
    kind, _, package = outcome.partition(":")
    name, slots = got[0]
    return len(got) == 1 and name == kind and slots.get("package") == package


def _same(name: str, wanted: str, value: str | None, catalogue: Catalogue) -> bool:
    if value is None:
        return False
    left, right = (" ".join(str(text).casefold().split()) for text in (wanted, value))
    if name == "package":
        return catalogue.resolve(left) == catalogue.resolve(right)
    return left == right


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    """Return the figures of the last line."""
    total = _total(verdicts)
    times = [verdict.took_ms for verdict in verdicts]
    return {
        "phrases": total.records,
        "accuracy": _share(total.right, total.records),
        "slot_accuracy": _share(total.slots_right, total.right),
        "false_actions": sum(verdict.is_false_action for verdict in verdicts),
        "false_questions": sum(verdict.is_false_question for verdict in verdicts),
        "adversarial_violations": sum(bool(verdict.violations) for verdict in verdicts),
        "per_intent": _shares(verdicts, lambda record: record["intents"][0]["intent"]),
        "per_language": _shares(verdicts, lambda record: record.get("lang", "en")),
        "per_layer": _layers(verdicts),
        "calibration_error": _calibration(verdicts),
        "p50_ms": round(_quantile(times, 50), 4),
        "p95_ms": round(_quantile(times, 95), 4),
    }


def _layers(verdicts: list[Verdict]) -> dict[str, dict[str, float]]:
    """Return of each layer how many records it has answered, and how many of them rightly."""
    found: dict[str, Tally] = defaultdict(Tally)
    for verdict in verdicts:
        found[verdict.understood.layer].add(verdict)
    return {
        name: {"records": tally.records, "accuracy": _share(tally.right, tally.records)}
        for name, tally in sorted(found.items())
    }


def _calibration(verdicts: list[Verdict]) -> float | None:
    """Return the expected calibration error of the classifier, where it was asked."""
    asked = [
        (verdict.understood.judged, verdict.record["intents"])
        for verdict in verdicts
        if verdict.understood.judged and len(verdict.record["intents"]) == 1
    ]
    if not asked:
        return None
    sure = np.array([judged.confidence for judged, _ in asked])
    right = np.array([judged.kind == wanted[0]["intent"] for judged, wanted in asked])
    return round(calibration_error(sure, right), 4)


def _total(verdicts: list[Verdict]) -> Tally:
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict)
    return tally


def _group(verdicts: list[Verdict], key: Callable[[dict[str, Any]], str]) -> dict[str, Tally]:
    groups: dict[str, Tally] = defaultdict(Tally)
    for verdict in verdicts:
        groups[key(verdict.record)].add(verdict)
    return dict(sorted(groups.items()))


def _shares(verdicts: list[Verdict], key: Callable[[dict[str, Any]], str]) -> dict[str, float]:
    return {name: _share(t.right, t.records) for name, t in _group(verdicts, key).items()}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _quantile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _print_details(verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        record = verdict.record
        marks = [
            "FALSE ACTION" if verdict.is_false_action else "",
            "false question" if verdict.is_false_question else "",
            "intent" if not verdict.is_right else "",
            "slots" if verdict.is_right and not verdict.has_slots_right else "",
            *verdict.violations,
        ]
        if any(marks):
            wanted = [(e["intent"], e.get("slots") or {}) for e in record["intents"]]
            print(f"{record['id']} {', '.join(filter(None, marks))}: {record['text']!r}")
            print(f"    wanted {wanted}\n    got    {verdict.got} by {verdict.understood.layer}")


def _print_table(verdicts: list[Verdict]) -> None:
    print(f"{'intent':<20} {'phrases':>7} {'right':>6} {'accuracy':>9} {'slots':>7}")
    groups = _group(verdicts, lambda record: record["intents"][0]["intent"])
    for name, tally in [*groups.items(), ("all", _total(verdicts))]:
        accuracy, slots = _share(tally.right, tally.records), _share(tally.slots_right, tally.right)
        print(f"{name:<20} {tally.records:>7} {tally.right:>6} {accuracy:>9.3f} {slots:>7.3f}")
    false_actions = sum(verdict.is_false_action for verdict in verdicts)
    false_questions = sum(verdict.is_false_question for verdict in verdicts)
    print(
        f"false actions: {false_actions}, asked about though nobody wants them: {false_questions}"
    )
    for name, figures in _layers(verdicts).items():
        print(f"by {name}: {figures['records']:.0f} phrases, {figures['accuracy']:.3f} right")


if __name__ == "__main__":
    sys.exit(main())
