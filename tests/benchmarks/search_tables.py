"""The tables of search: budgets, times by sort of query, peers, growth, and one line of JSON."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.row import Row
from tests.benchmarks.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Found = Mapping[str, Any]

_SHARES: Final = (50, 95, 99)
_PEER: Final = "tantivy"


def shown(found: Found) -> str:
    """Return all tables that there is something for, and the line of JSON."""
    rows = rows_of(found)
    data = {"rows": [row.data() for row in rows], **found}
    parts = [
        _circumstances(found),
        table(rows) if rows else "",
        _latencies(found),
        _quality(found),
        _dense(found),
        _growth(found),
        json.dumps(data, ensure_ascii=False),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _circumstances(found: Found) -> str:
    kind = "real" if found["real"] else "made up"
    load = f"{found['load']:.1f} others at work when it began, {found['load_after']:.1f} at its end"
    return f"{found['passages']} passages, {kind}; {load}"


def rows_of(found: Found) -> list[Row]:
    """Return what has a budget."""
    return [*_mind_rows(found), *_bus_rows(found), *_index_rows(found)]


def _mind_rows(found: Found) -> Iterator[Row]:
    if "mind" not in found:
        return
    mind, peer = found["mind"], _peer_p95(found)
    for name, what in (("words", "by words alone"), ("hybrid", "by words and meaning")):
        yield _row(
            name=f"search-mind-{name}-p95",
            what=f"a search {what} over all kinds, in the warm mind over its socket, p95",
            against="the same queries asked of tantivy in its own process, p95",
            sizes=(mind[name]["all"]["p95_ms"], peer),
            budget=Budget(plus=10),
        )
    yield _row(
        name="mind-memory",
        what="resident memory of a mind that has loaded its encoder",
        against="the same without an encoder",
        sizes=(mind["hybrid"]["idle_mb"]["VmRSS"], mind["words"]["idle_mb"]["VmRSS"]),
        budget=Budget(plus=350),
        unit="MB",
    )
    for name, limit in (("first", 500), ("hybrid", 1500)):
        yield _row(
            name=f"mind-cold-{name}",
            what="a mind from its start until its first answer"
            + (", by meaning too" if name == "hybrid" else ""),
            against="the median of such a search when it is warm",
            sizes=(mind["cold"][name], mind["hybrid"]["all"]["p50_ms"]),
            budget=Budget(plus=limit),
        )


def _bus_rows(found: Found) -> Iterator[Row]:
    if "bus" not in found:
        return
    mind = found.get("mind", {}).get("hybrid", {}).get("all", {}).get("p95_ms", 0.0)
    yield _row(
        name="search-bus-p95",
        what="the same over the bus, asked by an unprivileged user, reply read, p95",
        against="in the mind over its socket, p95",
        sizes=(found["bus"]["all"]["p95_ms"], mind),
        budget=Budget(plus=25),
    )


def _index_rows(found: Found) -> Iterator[Row]:
    if "ingest" not in found:
        return
    costs = found["ingest"]
    peer = found.get("lexical", {}).get("SQLite FTS5", {}).get("build_s", 0.0)
    yield _row(
        name="index-from-nothing",
        what=f"`luminous-mind --index` of {costs['passages']} passages, every text encoded",
        against="filling SQLite FTS5 with the same, by words alone",
        sizes=(costs["from_nothing"]["wall_s"], peer),
        budget=Budget(plus=600),
        unit="s",
    )
    yield _row(
        name="index-update",
        what="the same after a hundredth of the passages has changed",
        against="from nothing",
        sizes=(costs["update"]["wall_s"], costs["from_nothing"]["wall_s"]),
        budget=Budget(plus=10),
        unit="s",
    )


def _row(
    *,
    name: str,
    what: str,
    against: str,
    sizes: tuple[float, float],
    budget: Budget,
    unit: str = "ms",
) -> Row:
    ours, reference = sizes
    return Row(
        name=name,
        what=what,
        against=against,
        unit=unit,
        ours=ours,
        reference=reference,
        budget=budget,
    )


def _peer_p95(found: Found) -> float:
    asked = found.get("lexical", {}).get(_PEER, {}).get("asked", {})
    return median(times["p95_ms"] for times in asked.values()) if asked else 0.0


def _latencies(found: Found) -> str:
    """Return p50, p95 and p99 by sort of query, for ours and for the peers."""
    columns: dict[str, Mapping[str, Mapping[str, float]]] = {}
    for name in ("words", "hybrid"):
        if "mind" in found:
            columns[f"mind, {name}"] = found["mind"][name]["asked"]
    if "bus" in found:
        columns["bus, hybrid"] = found["bus"]["asked"]
    for name, peer in found.get("lexical", {}).items():
        columns[name] = peer["asked"]
    if not columns:
        return ""
    sorts = list(next(iter(columns.values())))
    lines = [("milliseconds, p50/p95/p99", *sorts)]
    lines += [(name, *(_shares(asked[sort]) for sort in sorts)) for name, asked in columns.items()]
    loads = [
        f"{name}: {per_second:.0f} answers a second to 8 clients"
        for name, per_second in _loads(found)
    ]
    return "\n".join([_drawn(lines), *loads])


def _loads(found: Found) -> Iterator[tuple[str, float]]:
    for name in ("words", "hybrid"):
        if "mind" in found:
            yield f"mind, {name}", found["mind"][name]["per_second"]
    if "bus" in found:
        yield "bus, hybrid", found["bus"]["per_second"]


def _shares(times: Mapping[str, float]) -> str:
    return "/".join(f"{times[f'p{share}_ms']:.1f}" for share in _SHARES)


def _quality(found: Found) -> str:
    """Return how well each lexical contender finds, and what it costs."""
    if "lexical" not in found:
        return ""
    head = (
        "by words",
        "options S@10",
        "MRR",
        "packages S@10",
        "MRR",
        "build s",
        "disk MB",
        "RSS MB",
    )
    lines = [head]
    for name, peer in found["lexical"].items():
        graded = [
            f"{peer['quality'][track][measure]:.3f}" if peer["quality"] else "-"
            for track in ("options", "packages")
            for measure in ("success_at_10", "mrr")
        ]
        costs = (f"{peer['build_s']:.1f}", f"{peer['disk_mb']:.0f}", f"{peer['memory_mb']:.0f}")
        lines.append((name, *graded, *costs))
    return _drawn(lines)


def _dense(found: Found) -> str:
    if not found.get("dense"):
        return ""
    head = ("by meaning", "rows", "recall@10", "p50 ms", "p95 ms", "build s", "disk MB", "RSS MB")
    names = ("p50_ms", "p95_ms", "build_s", "disk_mb", "memory_mb")
    return _drawn(
        [
            head,
            *(
                (
                    row["contender"],
                    str(row["rows"]),
                    f"{row['recall']:.4f}",
                    *(f"{row[name]:.1f}" for name in names),
                )
                for row in found["dense"]
            ),
        ]
    )


def _growth(found: Found) -> str:
    if "growth" not in found:
        return ""
    sorts = list(next(iter(found["growth"].values()))["asked"])
    lines = [("passages, by words", *sorts, "build s", "disk MB", "RSS MB")]
    lines += [
        (
            size,
            *(_shares(peer["asked"][sort]) for sort in sorts),
            f"{peer['build_s']:.1f}",
            f"{peer['disk_mb']:.0f}",
            f"{peer['memory_mb']:.0f}",
        )
        for size, peer in found["growth"].items()
    ]
    return _drawn(lines)


def _drawn(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
