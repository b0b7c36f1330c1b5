"""What search and questions are evaluated with: an index over all the shared data, made once."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_mind.engine.encoder import Encoder
from luminous_mind.ingest.pipeline import Helpers, Pipeline, Source
from luminous_mind.knowledge.index import Index
from luminous_mind.knowledge.meaning import Meaning
from luminous_mind.knowledge.retriever import EVERYTHING, Retriever
from luminous_mind.knowledge.vectors import VectorCache
from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.encoder import find_encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luminous_protocol.indexing import IndexStep
    from luminous_protocol.passages import Passage, SearchRequest

    Search = Callable[[SearchRequest], list[Passage]]

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared" / "data"
_SOURCES = (
    ("option-lines", "nixos-options-25.11.jsonl"),
    ("package-lines", "nixpkgs-packages-2025-09.jsonl"),
    ("manual-lines", "docs.jsonl"),
    ("manual-lines", "docs-community.jsonl"),
    ("home-manager-option-lines", "home-manager-options-26.11pre.jsonl"),
)

_MAKERS = (
    *("ingest/pipeline.py", "ingest/meaning.py", "knowledge/analysis.py", "data/words.toml"),
    *(f"data/glosses/{name}.toml" for name in ("services", "options", "packages")),
    *(f"knowledge/{name}.py" for name in ("dense", "documents", "graph", "index", "linking")),
    *(f"knowledge/{name}.py" for name in ("meaning", "names", "postings", "terms", "vectors")),
    "knowledge/vocabulary.py",
)
"""The code that an index depends on; how it is searched is not among it."""
_VECTORS = "knowledge-vectors"
_UNUSED_SECONDS = 7 * 24 * 3600


def retriever(parts: frozenset[str], *, by_meaning: bool) -> Retriever:
    """Open the index of the data that is there, made first if this code has made none yet.

    With `by_meaning` that takes some ten minutes, and less than one without.
    """
    encoder = find_encoder() if by_meaning else None
    folder = cache_dir() / f"knowledge-{_stamp()}{'-meaning' if encoder else ''}"
    ensure(folder, lambda unfinished: _make(unfinished, encoder)).touch()
    _drop_unused()
    index = Index.open(folder)
    meaning = None
    if encoder:
        meaning = Meaning.of(index, folder, encoder)
        meaning.loading.join()
    return Retriever(index, meaning, parts=parts)


def chosen(name: str, about: str | None, file: Path) -> tuple[argparse.Namespace, Search] | None:
    """Read the command line of an eval, and open what it asks; nothing where the data is missing.

    `file` is what it reads when none is named.
    """
    parser = argparse.ArgumentParser(prog=name, description=about)
    parser.add_argument("file", nargs="?", type=Path, default=file)
    parser.add_argument("--details", action="store_true", help="list what is not found")
    parser.add_argument("--meaning", action="store_true", help="with the sentence encoder too")
    parser.add_argument("--without", action="append", default=[], choices=sorted(EVERYTHING))
    options = parser.parse_args()
    if not is_there(options.file):
        print("{}")
        return None
    parts = EVERYTHING - set(options.without)
    return options, retriever(parts, by_meaning=options.meaning).search


def is_there(file: Path) -> bool:
    """Tell whether there is a file of queries and what to search; say what is missing."""
    wanted = [file, *(SHARED / name for _, name in _SOURCES)]
    missing = [str(path) for path in wanted if not path.exists()]
    if missing:
        print(f"There is no data at {', '.join(missing)}: nothing was measured.")
    return not missing


def _make(folder: Path, encoder: Path | None) -> None:
    sources = [Source(reader, SHARED / name) for reader, name in _SOURCES]
    with ExitStack() as held:
        cache = None
        if encoder:
            vectors = VectorCache.open(cache_dir() / _VECTORS, Encoder.open(encoder))
            cache = held.enter_context(vectors)
        helpers = Helpers(vectors=cache)
        report = Pipeline(folder, _say, helpers).ingest(sources, int(time.time()))
    if report.failures:
        raise SystemExit(f"The shared data cannot be read: {report.failures}")


def _drop_unused() -> None:
    """Delete the indexes of code that nobody has measured for a week."""
    for old in cache_dir().glob("knowledge-*"):
        if old.name != _VECTORS and time.time() - old.stat().st_mtime > _UNUSED_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def _say(step: IndexStep) -> None:
    print(step.phase, step.done, file=sys.stderr)


def records(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file of JSON lines."""
    with file.open(encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)


def _stamp() -> str:
    """Return what tells one index from another: the code that makes it, and the data."""
    seen = sha256()
    mind = CHECKOUT / "daemon" / "luminous_mind"
    for name in _MAKERS:
        seen.update((mind / name).read_bytes())
    seen.update(str([(SHARED / name).stat().st_size for _, name in _SOURCES]).encode())
    return seen.hexdigest()[:16]
