"""What each part of search is worth: `ablation.py [--meaning] [--write]`.

Asks the development sets with all parts and without each, and prints a table and a last line of
JSON. Without `--meaning` the dense part is out from the start; `--write` keeps the table.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import questions
import search
from searched import SHARED, is_there, retriever

from luminous_mind.knowledge.retriever import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUERIES = SHARED / "dev/search-queries.jsonl"
_QUESTIONS = SHARED / "dev/questions.jsonl"
_RESULTS = Path(__file__).parent / "results" / "ablation.txt"
_ALL = "all parts"


def main() -> None:
    """Measure all parts, all but each, and each alone; the graph alone finds nothing."""
    parser = argparse.ArgumentParser(prog="ablation.py", description=__doc__)
    parser.add_argument("--meaning", action="store_true", help="with the sentence encoder")
    parser.add_argument("--write", action="store_true", help="keep the table in results")
    chosen = parser.parse_args()
    if not (is_there(_QUERIES) and is_there(_QUESTIONS)):
        print("{}")
        return
    parts = EVERYTHING if chosen.meaning else EVERYTHING - {"dense"}
    without = {_ALL: parts} | {f"without {name}": parts - {name} for name in sorted(parts)}
    without |= {f"{name} alone": frozenset((name,)) for name in sorted(parts - {"graph"})}
    figures = {name: measured(left, by_meaning=chosen.meaning) for name, left in without.items()}
    shown = f"{table(figures)}\n\n{json.dumps(figures)}\n"
    print(shown, end="")
    if chosen.write:
        _RESULTS.write_text(shown, encoding="utf-8")


def measured(parts: frozenset[str], *, by_meaning: bool) -> dict[str, float]:
    """Return what search by these parts finds."""
    ask = retriever(parts, by_meaning=by_meaning and "dense" in parts).search
    tracks = search.summary(search.evaluated(ask, _QUERIES)[0])
    hits = questions.summary(questions.asked(ask, _QUESTIONS))
    return {
        "options S@10": tracks["options"]["success_at_10"],
        "options MRR": tracks["options"]["mrr"],
        "packages S@10": tracks["packages"]["success_at_10"],
        "packages MRR": tracks["packages"]["mrr"],
        "questions hit@1": hits["hit_at_1"],
        "questions hit@10": hits["hit_at_10"],
    }


def table(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Return the figures below one another; each line is what was found without one part."""
    names = list(figures[_ALL])
    lines = [f"{'':22}" + "".join(f"{name:>18}" for name in names)]
    for row, own in figures.items():
        lines.append(f"{row:22}" + "".join(f"{own[name]:18.3f}" for name in names))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
