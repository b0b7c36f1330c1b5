"""The dense index beside exact search and qdrant-client, over real passages.

    python -m tests.benchmarks.search_dense FOLDER [--rows 10000 40000] [--only NAME] [--write]

FOLDER holds JSON lines of options, packages and documents. Queries are passages that are not in
the index and, where FOLDER has them, search queries of people. Vectors are kept in the cache, so a
second run encodes nothing. Prints a table and, last, one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from luminous_mind.engine.encoder import Encoder
from luminous_mind.knowledge.vectors import VectorCache
from luminous_sandbox.cache import cache_dir
from luminous_sandbox.encoder import find_encoder
from tests.benchmarks.dense_contenders import CONTENDERS, resident_megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RESULTS: Final = Path(__file__).resolve().with_name("results") / "search-dense.txt"
_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_HELD_OUT: Final = 300
_SEED: Final = 1
_HEAD: Final = (
    "rows",
    "contender",
    "recall@10",
    "p50 ms",
    "p95 ms",
    "build s",
    "disk MB",
    "RSS MB",
)


def passages(folder: Path) -> list[str]:
    """Read one text from each record of the options, packages and documents in `folder`."""
    return [
        f"{record.get('name') or record.get('attr') or record.get('title')}: "
        f"{record.get('description') or record.get('text') or ''}"
        for file in sorted(folder.glob("*.jsonl"))
        for record in _records(file)
        if {"description", "text"} & record.keys()
    ]


def people_s_queries(folder: Path) -> list[str]:
    """Read the search queries beside the data, if they are there."""
    file = folder / "dev/search-queries.jsonl"
    return [record["query"] for record in _records(file)] if file.exists() else []


def _records(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def prepare(data: Path, most: int, folder: Path) -> dict[str, float]:
    """Write `vectors.npy` and `queries.npy` into `folder`; return what encoding costs."""
    texts = passages(data)
    random.Random(_SEED).shuffle(texts)
    indexed, held_out = texts[_HELD_OUT:][:most], texts[:_HELD_OUT]
    before = resident_megabytes()
    encoder = Encoder.open(find_encoder())
    encoder.encode(["warm"])
    costs = {"encoder_mb": resident_megabytes() - before} | _query_times(encoder, held_out)
    queries = encoder.encode([*people_s_queries(data), *held_out])
    np.save(folder / "queries.npy", np.random.default_rng(_SEED).permutation(queries))
    missing = []
    with VectorCache.open(cache_dir() / "benchmark-vectors", encoder) as cache:
        started = time.perf_counter()
        matrix = cache.matrix(indexed, lambda _done, wanted: missing.append(wanted))
        spent = time.perf_counter() - started
    np.save(folder / "vectors.npy", matrix)
    if missing:
        costs["passages_per_s"] = missing[0] / spent
    return costs


def _query_times(encoder: Encoder, texts: Sequence[str]) -> dict[str, float]:
    times = []
    for text in texts:
        words = " ".join(text.split()[:5])
        started = time.perf_counter()
        encoder.encode([words])
        times.append((time.perf_counter() - started) * 1000)
    return {
        "query_p50_ms": float(np.median(times)),
        "query_p95_ms": float(np.percentile(times, 95)),
    }


def run_contender(name: str, folder: Path, rows: int) -> dict[str, Any]:
    """Measure one contender in a process of its own, on one thread."""
    print(f"measuring {name} with {rows} rows …", file=sys.stderr, flush=True)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.dense_contenders", name, str(folder), str(rows)],
        cwd=_CHECKOUT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {"rows": rows, "contender": name, **json.loads(ended.stdout.splitlines()[-1])}


def table(findings: Sequence[dict[str, Any]]) -> str:
    """Return the findings below one another."""
    lines = [_HEAD] + [
        (
            f"{found['rows']}",
            found["contender"],
            f"{found['recall']:.4f}",
            f"{found['p50_ms']:.2f}",
            f"{found['p95_ms']:.2f}",
            f"{found['build_s']:.1f}",
            f"{found['disk_mb']:.0f}",
            f"{found['memory_mb']:.0f}",
        )
        for found in findings
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number == 1 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _contenders() -> list[str]:
    if find_spec("qdrant_client"):
        return list(CONTENDERS)
    print("qdrant-client is left out: it is not installed here", file=sys.stderr)
    return [name for name in CONTENDERS if "qdrant" not in name]


def main() -> None:
    """Measure all contenders at all sizes that the data has."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search_dense")
    parser.add_argument("folder", type=Path, help="JSON lines of options, packages, documents")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 40_000, 120_000])
    parser.add_argument("--only", choices=CONTENDERS, nargs="+", default=_contenders())
    parser.add_argument("--write", action="store_true", help="keep the table in results/")
    options = parser.parse_args()
    if not any(options.folder.glob("*.jsonl")):
        parser.exit(2, f"There are no JSON lines in {options.folder}.\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        costs = prepare(options.folder, max(options.rows), folder)
        there = len(np.load(folder / "vectors.npy", mmap_mode="r"))
        sizes = sorted({min(rows, there) for rows in options.rows})
        findings = [
            run_contender(contender, folder, rows) for rows in sizes for contender in options.only
        ]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.machine()}"
    told = ", ".join(f"{name} {value:.2f}" for name, value in costs.items())
    data = json.dumps({"encoder": costs, "rows": findings})
    shown = f"{when}\n\nencoder: {told}\n\n{table(findings)}\n\n{data}\n"
    print(shown, end="")
    if options.write:
        _RESULTS.write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    main()
