"""Understanding beside its peers: the same phrases for the layers of the product and for others.

    PYTHONPATH=tests/evals python -m tests.benchmarks.intents [FILE…]

Peers have the same examples. They know of no question back, so each change that one of them reads
where none is asked for is a false action. Prints a table for each file and, last, one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from intent import CHANGES, DEFAULT, Catalogue, judge, summary
from recognisers import CATALOGUE, RECOGNISERS

from tests.benchmarks.intent_peers import PEERS
from tests.benchmarks.sampling import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.intent_peers import Tell

_DATA: Final = Path(__file__).resolve().parents[1] / "evals/data"
_FILES: Final = (DEFAULT, _DATA / "phrases-blind.jsonl")
_SHOWN: Final = ("accuracy", "slot_accuracy", "false_actions", "p50_ms", "p95_ms")


def main(arguments: Sequence[str]) -> int:
    """Measure every contender on every file."""
    files = [Path(name) for name in arguments] or [file for file in _FILES if file.exists()]
    tellers = {name: make() for name, make in PEERS.items()}
    catalogue = Catalogue(CATALOGUE)
    rows: list[dict[str, Any]] = []
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        measured = {name: _ours(name, records, catalogue) for name in RECOGNISERS}
        measured |= {name: _theirs(tell, records) for name, tell in tellers.items()}
        _print_table(file, len(records), measured)
        rows += [{"file": file.name, "name": name, **found} for name, found in measured.items()]
    print(json.dumps({"rows": rows}))
    return 0


def _ours(name: str, records: Sequence[dict[str, Any]], catalogue: Catalogue) -> dict[str, Any]:
    recognise = RECOGNISERS[name]
    for record in records[:20]:
        recognise(record["text"])  # what is loaded once is loaded before the clock runs
    found = summary([judge(record, recognise, catalogue) for record in records])
    return {key: found[key] for key in (*_SHOWN, "false_questions")}


def _theirs(tell: Tell, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    tell("help")
    right = false_actions = 0
    times = []
    for record in records:
        started = time.perf_counter()
        kind = tell(record["text"])
        times.append((time.perf_counter() - started) * 1000)
        wanted = [entry["intent"] for entry in record["intents"]]
        right += [kind] == wanted
        false_actions += kind in CHANGES and not CHANGES.intersection(wanted)
    return {
        "accuracy": round(right / max(1, len(records)), 4),
        "slot_accuracy": None,
        "false_actions": false_actions,
        "p50_ms": round(quantile(times, 50), 4),
        "p95_ms": round(quantile(times, 95), 4),
    }


def _print_table(file: Path, count: int, measured: dict[str, dict[str, Any]]) -> None:
    print(f"{file.name}: {count} phrases")
    heads = ("accuracy", "slots", "false actions", "asked for nothing", "p50 ms", "p95 ms")
    print(f"{'':<30}" + "".join(f"{head:>18}" for head in heads))
    keys = (*_SHOWN[:3], "false_questions", *_SHOWN[3:])
    for name, found in measured.items():
        cells = ("-" if found.get(key) is None else f"{found[key]:g}" for key in keys)
        print(f"{name:<30}" + "".join(f"{cell:>18}" for cell in cells))
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
