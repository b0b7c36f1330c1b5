"""How well searches are answered: `search.py [--meaning] [--details] [--without PART] [FILE]`.

FILE holds graded queries as JSON lines (`track, query, category, gold_tiers[][], usable`). Each
track is searched by itself. Success@10: any right answer among the first ten; MRR over all right
answers; recall@10 with a denominator of ten at most; nDCG@10 with the gain T - i for tier i of T.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from searched import SHARED, chosen, records

from luminous_protocol.passages import SearchRequest

if TYPE_CHECKING:
    from pathlib import Path

    from searched import Search

    Judged = dict[str, dict[str, list[dict[str, float]]]]

_KINDS = {"options": ("option", "opt:"), "packages": ("package", "pkg:")}
_MEASURES = ("success_at_10", "mrr", "recall_at_10", "ndcg_at_10")
_FIRST = 10


def main() -> None:
    """Search for every usable query, print a table and a last line of JSON."""
    opened = chosen("search.py", __doc__, SHARED / "dev/search-queries.jsonl")
    if opened is None:
        return
    options, search = opened
    judged, times = evaluated(search, options.file, details=options.details)
    _print(judged, times)


def evaluated(search: Search, file: Path, *, details: bool = False) -> tuple[Judged, list[float]]:
    """Search for every usable query; return its measures by track and category, and the times."""
    judged: Judged = defaultdict(lambda: defaultdict(list))
    times = []
    for record in records(file):
        if not record.get("usable", True):
            continue
        kind, prefix = _KINDS[record["track"]]
        began = time.perf_counter()
        found = search(SearchRequest(record["query"], (kind,), _FIRST))
        times.append((time.perf_counter() - began) * 1000)
        names = [passage.id.replace(f"{kind}:", prefix, 1) for passage in found]
        measures = judge(names, record["gold_tiers"])
        judged[record["track"]][record["category"]].append(measures)
        if details and measures["mrr"] < 1:
            print(f"{record['track']} {record['category']} {record['query']!r}: {names[:5]}")
    return judged, times


def judge(names: list[str], tiers: list[list[str]]) -> dict[str, float]:
    """Return the measures of one list of results."""
    gains = {name: len(tiers) - place for place, tier in enumerate(tiers) for name in tier}
    hits = [place for place, name in enumerate(names) if name in gains]
    ideal = sorted(gains.values(), reverse=True)[:_FIRST]
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(ideal))
    reached = sum(gains[names[place]] / math.log2(place + 2) for place in hits)
    return {
        "success_at_10": float(bool(hits)),
        "mrr": 1 / (hits[0] + 1) if hits else 0.0,
        "recall_at_10": len(hits) / min(len(gains), _FIRST),
        "ndcg_at_10": reached / best,
    }


def summary(judged: Judged) -> dict[str, Any]:
    """Return the means by track, and in each by category."""
    told: dict[str, Any] = {}
    for track, categories in judged.items():
        every = [item for items in categories.values() for item in items]
        per_category = {name: _means(items) for name, items in sorted(categories.items())}
        told[track] = {"queries": len(every), **_means(every), "per_category": per_category}
    return told


def _print(judged: Judged, times: list[float]) -> None:
    told = summary(judged)
    print(f"{'track':10}{'category':12}{'queries':>8}" + "".join(f"{m:>15}" for m in _MEASURES))
    for track, means in told.items():
        for name, own in [*means["per_category"].items(), ("all", means)]:
            count = means["queries"] if name == "all" else len(judged[track][name])
            figures = "".join(f"{own[measure]:15.3f}" for measure in _MEASURES)
            print(f"{track:10}{name:12}{count:8}{figures}")
    times.sort()
    told["p50_ms"] = round(statistics.median(times), 2)
    told["p95_ms"] = round(times[int(len(times) * 0.95)], 2)
    print(f"p50 {told['p50_ms']} ms, p95 {told['p95_ms']} ms")
    print(json.dumps(told))


def _means(items: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.fmean(i[name] for i in items), 4) for name in _MEASURES}


if __name__ == "__main__":
    main()
