"""Search beside its peers: times, quality, memory, and what an index costs.

    python -m tests.benchmarks.search [FOLDER] [--only PART]... [--passages N] [--index FOLDER]
        [--count N] [--write]

FOLDER holds real passages and graded queries, as JSON lines; without it passages are made up, and
nothing is judged. The mind is asked over its socket and over the bus of the sandbox; contenders
run in processes of their own. Prints tables and, last, one line of JSON. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luminous_sandbox.cache import cache_dir
from luminous_sandbox.encoder import find_encoder
from tests.benchmarks import search_dense
from tests.benchmarks.search_corpus import (
    grown,
    people_s_queries,
    queries,
    real_documents,
    write_entries,
)
from tests.benchmarks.search_indexing import Indexed, index
from tests.benchmarks.search_mind import Place, cold_starts, measured, over_the_bus
from tests.benchmarks.search_peers import PEERS
from tests.benchmarks.search_tables import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luminous_mind.knowledge.documents import Document

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_RESULTS: Final = Path(__file__).resolve().with_name("results")
_SHARED: Final = _CHECKOUT.parent / "shared" / "data"
_LEAST: Final = 120_000
_SIZES: Final = (10_000, 40_000, 120_000, 500_000)
_PACKAGES: Final = {"bm25s": "bm25s", "tantivy": "tantivy"}
_DENSE: Final = {"luminous": "", "numpy, exact": "", "qdrant-client, local mode": "qdrant_client"}
_OURS: Final = "luminous, by words"


@dataclass(frozen=True)
class Ground:
    """What is measured on: all documents, where they come from, and what is asked."""

    folder: Path
    documents: Sequence[Document]
    asked: dict[str, list[str]]
    is_real: bool
    index: Path | None


def main() -> None:
    """Measure what is wanted, and print it."""
    options = _parser().parse_args()
    if os.geteuid() != 0:
        sys.exit("The benchmark runs in the sandbox: start it as root.")
    ground = _ground(options)
    found: dict[str, Any] = {
        "passages": len(ground.documents),
        "real": ground.is_real,
        "load": os.getloadavg()[0],
    }
    for name in options.only or (name for name in PARTS if name != "ingest" or not ground.index):
        _say(f"measuring {name}")
        found[name] = PARTS[name](ground)
    found["load_after"] = os.getloadavg()[0]
    when = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )
    text = f"{when}\n\n{shown(found)}"
    print(text, end="", flush=True)
    if options.write:
        name = f"search-{options.passages}.txt" if options.passages else "search.txt"
        (_RESULTS / name).write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search")
    parser.add_argument("folder", type=Path, nargs="?", default=_SHARED)
    parser.add_argument("--only", choices=PARTS, action="append", help="may be given several times")
    parser.add_argument("--passages", type=int, help="so many of them (default: all)")
    parser.add_argument(
        "--index",
        type=Path,
        help="an index of all of them that is there; its costs are not measured",
    )
    parser.add_argument("--count", type=int, default=200, help="queries of each sort")
    parser.add_argument("--write", action="store_true", help="keep what is printed in results/")
    return parser


def _ground(options: argparse.Namespace) -> Ground:
    real = real_documents(options.folder)
    if not real:
        _say(f"there is no data in {options.folder}: passages are made up, and no answer is judged")
    wanted = options.passages or max(len(real), _LEAST)
    documents = real if len(real) == wanted else grown(real, wanted)
    asked = queries(documents, options.count)
    if people := people_s_queries(options.folder):
        asked["people's"] = people
    return Ground(options.folder, documents, asked, bool(real), options.index)


def _mind(ground: Ground) -> dict[str, Any]:
    """Measure the mind over its socket, by words and with the encoder, and how it starts."""
    place = _indexed(ground).place
    by_words = Place(place.index, None, place.sources)
    query = ground.asked["words"][0]
    return {
        "words": measured(by_words, ground.asked),
        "hybrid": measured(place, ground.asked),
        "cold": cold_starts(place, query),
    }


def _bus(ground: Ground) -> dict[str, Any]:
    """Measure the same over the bus, with the encoder."""
    return over_the_bus(_indexed(ground).place, ground.asked)


def _ingest(ground: Ground) -> dict[str, Any]:
    """Index from nothing, and once more when a hundredth of the passages is another."""
    return _indexed(ground).costs


def _indexed(ground: Ground) -> Indexed:
    """Return the index of the mind, which is made once and kept, or the one that is there."""
    if ground.index:
        return Indexed(Place(ground.index, find_encoder(), {}), {})
    return index(ground.documents, cache_dir() / "search-benchmark", find_encoder(), _say)


def _lexical(ground: Ground) -> dict[str, Any]:
    """Measure what searches by words, over the same passages."""
    return {name: _peer(name, ground.documents, ground) for name in _present(PEERS, _PACKAGES)}


def _growth(ground: Ground) -> dict[str, Any]:
    """Measure ours by words at several sizes."""
    return {str(size): _peer(_OURS, grown(ground.documents, size), ground) for size in _SIZES}


def _dense(ground: Ground) -> list[dict[str, Any]]:
    """Measure what searches by meaning, over the same passages."""
    if not ground.is_real:
        _say("by meaning nothing is compared: made-up passages mean nothing")
        return []
    with tempfile.TemporaryDirectory() as name:
        search_dense.prepare(ground.folder, _LEAST, Path(name))
        return [
            search_dense.run_contender(contender, Path(name), _LEAST)
            for contender in _present(_DENSE, _DENSE)
        ]


def _peer(name: str, documents: Sequence[Document], ground: Ground) -> dict[str, Any]:
    """Measure one peer in a process of its own."""
    _say(f"{name} with {len(documents)} passages")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_entries(documents, folder / "entries.jsonl")
        (folder / "queries.json").write_text(json.dumps(ground.asked), encoding="utf-8")
        graded = ground.folder / "dev" / "search-queries.jsonl"
        if graded.exists() and documents is ground.documents:
            shutil.copy(graded, folder / "graded.jsonl")
        ended = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.search_peers", name, str(folder)],
            cwd=_CHECKOUT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": "tests/evals"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _present(names: Iterable[str], packages: dict[str, str]) -> list[str]:
    """Return the contenders whose packages are installed; say which are left out."""
    missing = [name for name in names if packages.get(name) and not find_spec(packages[name])]
    for name in missing:
        _say(f"{name} is left out: it is not installed here (make bench-search installs it)")
    return [name for name in names if name not in missing]


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line} …", file=sys.stderr, flush=True)


PARTS: Final[dict[str, Callable[[Ground], Any]]] = {
    "ingest": _ingest,
    "mind": _mind,
    "bus": _bus,
    "lexical": _lexical,
    "dense": _dense,
    "growth": _growth,
}
"""What can be measured by itself."""


if __name__ == "__main__":
    main()
