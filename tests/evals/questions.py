"""How well questions of users are answered: `questions.py [--meaning] [--details] [FILE]`.

FILE holds questions as JSON lines (`query, kind, gold[]`); those without gold are out of scope. Any
gold among the first k of one list of everything is a hit: an option or package by its name, a
command by its words, and a passage by the beginning of its id.
"""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from searched import SHARED, chosen, records

from luminous_protocol.passages import SearchRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from searched import Search

    from luminous_protocol.passages import Passage

_RANKS = (1, 5, 10)


def main() -> None:
    """Ask every question, print a table and a last line of JSON."""
    opened = chosen("questions.py", __doc__, SHARED / "dev/questions.jsonl")
    if opened is None:
        return
    options, search = opened
    _print(asked(search, options.file, details=options.details))


def asked(search: Search, file: Path, *, details: bool = False) -> dict[str, list[int]]:
    """Ask every question; return by its kind the place of the first right answer to each."""
    places: dict[str, list[int]] = defaultdict(list)
    for record in records(file):
        if not record["gold"]:
            continue
        found = search(SearchRequest(record["query"][:2000], limit=_RANKS[-1]))
        place = place_of(found, record["gold"])
        places[record["kind"]].append(place)
        if details and place >= _RANKS[-1]:
            ids = [passage.id for passage in found[:5]]
            print(f"{record['kind']} {record['query'][:90]!r} {record['gold'][:2]}: {ids}")
    return places


def place_of(found: Sequence[Passage], gold: list[str]) -> int:
    """Return the place of the first right answer, from 0, or a large number."""
    for place, passage in enumerate(found):
        kind, _, name = passage.id.partition(":")
        if name in gold or any(_is_met(passage, kind, name, item) for item in gold):
            return place
    return 1000


def _is_met(passage: Passage, kind: str, name: str, item: str) -> bool:
    if kind == "manual":
        return name.startswith(item)
    if kind == "command":
        commands = [name, *(line.removeprefix("Also: ") for line in passage.text.splitlines())]
        return any(_fits(command, item) for command in commands)
    return False


def _fits(command: str, item: str) -> bool:
    """Tell whether a command begins as asked for; where it names none, any word will do."""
    words, wanted = command.split(), item.split()
    return len(wanted) <= len(words) and all(
        word == other or word.startswith("<") for word, other in zip(words, wanted, strict=False)
    )


def summary(places: dict[str, list[int]]) -> dict[str, Any]:
    """Return which share of all questions, and of those of each kind, was answered."""
    every = [place for found in places.values() for place in found]
    per_kind = {kind: _hits(found) for kind, found in sorted(places.items())}
    return {"questions": len(every), **_hits(every), "per_kind": per_kind}


def _print(places: dict[str, list[int]]) -> None:
    told = summary(places)
    print(f"{'kind':10}{'questions':>10}" + "".join(f"{f'hit@{rank}':>9}" for rank in _RANKS))
    for kind, hits in [*told["per_kind"].items(), ("all", told)]:
        count = told["questions"] if kind == "all" else len(places[kind])
        figures = "".join(f"{hits[f'hit_at_{rank}']:9.3f}" for rank in _RANKS)
        print(f"{kind:10}{count:10}{figures}")
    print(json.dumps(told))


def _hits(places: list[int]) -> dict[str, float]:
    return {
        f"hit_at_{rank}": round(statistics.fmean(place < rank for place in places), 4)
        for rank in _RANKS
    }


if __name__ == "__main__":
    main()
