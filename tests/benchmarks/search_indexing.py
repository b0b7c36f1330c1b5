"""Indexing under measurement: the job itself, from nothing and after a small change."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import luminous_mind
from luminous_mind.knowledge.documents import MANUAL, OPTION, PACKAGE
from tests.benchmarks.search_mind import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_mind.knowledge.documents import Document

_PROGRAM: Final = Path(sys.executable).with_name("luminous-mind")
_READERS: Final = {OPTION: "option-lines", PACKAGE: "package-lines", MANUAL: "manual-lines"}
_MIND: Final = Path(luminous_mind.__file__).parent
_CHANGED: Final = 100


@dataclass(frozen=True)
class Indexed:
    """An index that was made, and what that took."""

    place: Place
    costs: dict[str, Any]


def index(
    documents: Sequence[Document], folder: Path, encoder: Path, say: Callable[[str], None]
) -> Indexed:
    """Return the index in `folder`, made first if the code or the passages are others.

    What it cost is measured when it is made: from nothing, then after one passage in a hundred has
    got another text, and back.
    """
    sources = {folder / f"{kind}.jsonl": reader for kind, reader in _READERS.items()}
    place = Place(folder / "index", encoder, sources)
    kept = folder / "costs.json"
    made = {"passages": len(documents), "code": _code()}
    if not _is_made(kept, made):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        costs: dict[str, Any] = dict(made)
        _write_sources(documents, sources)
        say("indexing from nothing")
        costs["from_nothing"] = _timed(place)
        costs["disk_mb"] = _disk(place.index)
        _write_sources(_changed(documents), sources)
        say("indexing what has changed")
        costs["update"] = _timed(place)
        kept.write_text(json.dumps(costs), encoding="utf-8")
    return Indexed(place, json.loads(kept.read_text(encoding="utf-8")))


def _is_made(kept: Path, made: dict[str, Any]) -> bool:
    """Tell whether an index of so many passages was made by this code."""
    if not kept.exists():
        return False
    costs = json.loads(kept.read_text(encoding="utf-8"))
    return all(costs.get(name) == value for name, value in made.items())


def _code() -> str:
    """Return what is another when the code that indexes is."""
    files = [
        file for part in ("ingest", "knowledge") for file in sorted((_MIND / part).glob("*.py"))
    ]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _timed(place: Place) -> dict[str, float]:
    """Run the job; return its seconds by the clock and of the processor, and its memory."""
    settings = place.settings(place.index.parent / "mind.toml")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        [str(_PROGRAM), "--settings", str(settings), "--index"],
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        check=True,
    )
    took = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": took, "processor_s": spent, "memory_mb": after.ru_maxrss * 1024 / 1e6}


def _disk(folder: Path) -> dict[str, float]:
    """Return the megabytes of the index, and of the vectors that are kept for the next one."""
    sizes = {"index": 0.0, "vectors": 0.0}
    for file in folder.rglob("*"):
        if file.is_file():
            part = "vectors" if file.parent.name == "vectors" else "index"
            sizes[part] += file.stat().st_size / 1e6
    return sizes


def _changed(documents: Sequence[Document]) -> list[Document]:
    """Return the documents, of which one in a hundred says a little more."""
    return [
        replace(document, text=f"{document.text} Since then: {number}.")
        if number % _CHANGED == 0
        else document
        for number, document in enumerate(documents)
    ]


def _write_sources(documents: Sequence[Document], sources: dict[Path, str]) -> None:
    """Write JSON lines that the readers of these names understand."""
    for path, reader in sources.items():
        with path.open("w", encoding="utf-8") as opened:
            for document in documents:
                if _READERS[document.kind] == reader:
                    opened.write(json.dumps(_record(document)) + "\n")


def _record(document: Document) -> dict[str, Any]:
    if document.kind == OPTION:
        return {
            "name": document.name,
            "description": document.text,
            "declaredBy": [document.source],
            **document.facts,
        }
    if document.kind == PACKAGE:
        return {
            "attr": document.name,
            "description": document.text,
            "homepage": document.address,
            **document.facts,
        }
    return {
        "id": document.name,
        "source": document.source,
        "title": document.title,
        "heading_path": [],
        "repo": "",
        "path": document.address,
        "text": document.text,
    }
