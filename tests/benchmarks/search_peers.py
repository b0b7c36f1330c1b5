"""Contenders that search by words, each measured in a process of its own.

    python -m tests.benchmarks.search_peers NAME FOLDER

FOLDER holds `entries.jsonl`, `queries.json` (lists by sort) and perhaps `graded.jsonl`, queries
with right answers. tests/evals is on PYTHONPATH. Prints one line of JSON: what building, asking and
the answers' quality came to.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from luminous_mind.ingest.pipeline import build
from luminous_mind.knowledge.documents import OPTION, Document
from luminous_mind.knowledge.index import Index
from luminous_mind.knowledge.retriever import Retriever
from luminous_protocol.passages import SearchRequest
from tests.benchmarks.dense_contenders import resident_megabytes
from tests.benchmarks.sampling import times_of
from tests.benchmarks.search_corpus import read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.search_corpus import Entry

_FOUND: Final = 10
_NAME_WEIGHT: Final = 3.0
_KINDS: Final = {"options": ("option", "opt:"), "packages": ("package", "pkg:")}
_WORD: Final = re.compile(r"\w+")


class Peer(Protocol):
    """Something that finds the ids of entries by words."""

    def build(self, entries: Sequence[Entry], folder: Path) -> None:
        """Index all entries; what is kept on disk goes into `folder`."""

    def search(self, query: str, kind: str = "") -> Sequence[str]:
        """Return the ids of ten entries at most, the best first; of one kind if that is said."""


class Ours(Peer):
    """The index and the ranking of the product, without its encoder."""

    def build(self, entries: Sequence[Entry], folder: Path) -> None:
        """Index and open."""
        build([_document(entry) for entry in entries], lambda _: None).save(folder, 0)
        self._retriever = Retriever(Index.open(folder))

    def search(self, query: str, kind: str = "") -> Sequence[str]:
        """Ask the retriever."""
        request = SearchRequest(query, (kind,) if kind else (), _FOUND)
        return [passage.id for passage in self._retriever.search(request)]


class Fts5(Peer):
    """SQLite's full text search: stems first, and trigrams of names where stems find too little."""

    def build(self, entries: Sequence[Entry], folder: Path) -> None:
        """Fill both tables."""
        self._base = sqlite3.connect(folder / "fts5.sqlite")
        self._base.executescript(
            "create virtual table stems using fts5(id unindexed, kind, name, text,"
            " tokenize='porter unicode61');"
            "create virtual table grams using fts5(id unindexed, kind, name, tokenize=trigram);"
        )
        rows = [(entry.id, entry.kind, entry.name, entry.text) for entry in entries]
        self._base.executemany("insert into stems values (?, ?, ?, ?)", rows)
        self._base.executemany("insert into grams values (?, ?, ?)", [row[:3] for row in rows])
        self._base.executescript(
            "insert into stems(stems) values ('optimize');"
            "insert into grams(grams) values ('optimize');"
        )
        self._base.commit()

    def search(self, query: str, kind: str = "") -> Sequence[str]:
        """Ask for any of the words, then for any of the trigrams."""
        words = _WORD.findall(query.replace("_", " "))
        found = self._ask("stems", words, kind, f"0, 0, {_NAME_WEIGHT}, 1.0")
        if len(found) < _FOUND:
            grams = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
            more = self._ask("grams", sorted(grams), kind, "0, 0, 1.0")
            found = list(dict.fromkeys([*found, *more]))[:_FOUND]
        return found

    def _ask(self, table: str, terms: Sequence[str], kind: str, weights: str) -> list[str]:
        if not terms:
            return []
        columns = "{name text}" if table == "stems" else "{name}"
        any_of = " OR ".join(f'"{term}"' for term in terms)
        match = f"{columns} : ({any_of})"
        if kind:
            match = f"({match}) AND kind : {kind}"
        rows = self._base.execute(
            f"select id from {table} where {table} match ?"  # noqa: S608 - our own two tables
            f" order by bm25({table}, {weights}) limit {_FOUND}",
            (match,),
        )
        return [str(row[0]) for row in rows]


class Bm25s(Peer):
    """The package bm25s, with its own tokeniser and stop words; each name is said three times."""

    def build(self, entries: Sequence[Entry], folder: Path) -> None:
        """Index and save."""
        import bm25s

        self._library = bm25s
        self._ids = [entry.id for entry in entries]
        kinds = np.array([entry.kind for entry in entries])
        self._masks = {kind: (kinds == kind).astype(np.float32) for kind in set(kinds.tolist())}
        texts = [f"{f'{entry.name} ' * 3}{entry.text}" for entry in entries]
        tokens = bm25s.tokenize(texts, stopwords="en", show_progress=False)
        self._index = bm25s.BM25()
        self._index.index(tokens, show_progress=False)
        self._index.save(folder / "bm25s")

    def search(self, query: str, kind: str = "") -> Sequence[str]:
        """Ask for the best ten, without those that have none of the words."""
        tokens = self._library.tokenize(query, stopwords="en", show_progress=False)
        rows, scores = self._index.retrieve(
            tokens, k=_FOUND, show_progress=False, weight_mask=self._masks.get(kind)
        )
        found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
        return [self._ids[row] for row, score in found if score > 0]


class Tantivy(Peer):
    """The package tantivy, with English stems; names fuzzily where words find too little."""

    def build(self, entries: Sequence[Entry], folder: Path) -> None:
        """Index and commit."""
        import tantivy

        self._library = tantivy
        builder = tantivy.SchemaBuilder()
        for name, tokenizer in (("id", "raw"), ("kind", "raw"), ("name", "default")):
            builder.add_text_field(name, stored=name == "id", tokenizer_name=tokenizer)
        builder.add_text_field("text", stored=False, tokenizer_name="en_stem")
        (folder / "tantivy").mkdir()
        self._index = tantivy.Index(builder.build(), str(folder / "tantivy"))
        writer = self._index.writer(128_000_000, 1)
        for entry in entries:
            fields = {"id": entry.id, "kind": entry.kind, "name": entry.name, "text": entry.text}
            writer.add_document(tantivy.Document(**fields))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, query: str, kind: str = "") -> Sequence[str]:
        """Ask for any of the words, then for names that are one letter away."""
        found = self._ask(query, kind, {})
        if len(found) < _FOUND:
            more = self._ask(query, kind, {"name": (False, 1, True)})
            found = list(dict.fromkeys([*found, *more]))[:_FOUND]
        return found

    def _ask(self, query: str, kind: str, fuzzy: dict[str, tuple[bool, int, bool]]) -> list[str]:
        words = " ".join(_WORD.findall(query))
        parsed, _ = self._index.parse_query_lenient(
            words,
            ["name"] if fuzzy else ["name", "text"],
            field_boosts={"name": _NAME_WEIGHT},
            fuzzy_fields=fuzzy,
        )
        if kind:
            library = self._library
            only = library.Query.term_query(self._index.schema, "kind", kind)
            must = library.Occur.Must
            parsed = library.Query.boolean_query([(must, parsed), (must, only)])
        hits = self._searcher.search(parsed, _FOUND).hits
        return [str(self._searcher.doc(address)["id"][0]) for _, address in hits]


PEERS: Final[dict[str, Callable[[], Peer]]] = {
    "luminous, by words": Ours,
    "SQLite FTS5": Fts5,
    "bm25s": Bm25s,
    "tantivy": Tantivy,
}


def measure(peer: Peer, folder: Path) -> dict[str, Any]:
    """Build, ask and judge; return what that came to."""
    entries = read_entries(folder / "entries.jsonl")
    asked: dict[str, list[str]] = json.loads((folder / "queries.json").read_text())
    work = folder / "work"
    work.mkdir()
    before = resident_megabytes()
    started = time.perf_counter()
    peer.build(entries, work)
    built = time.perf_counter() - started
    for query in next(iter(asked.values()))[:20]:
        peer.search(query)
    return {
        "entries": len(entries),
        "build_s": built,
        "disk_mb": sum(file.stat().st_size for file in work.rglob("*") if file.is_file()) / 1e6,
        "asked": {sort: times_of(peer.search, queries) for sort, queries in asked.items()},
        "quality": _quality(peer, folder / "graded.jsonl"),
        "memory_mb": resident_megabytes() - before,
    }


def _quality(peer: Peer, file: Path) -> dict[str, dict[str, float]]:
    """Return the means of the measures for each track of the graded queries, if they are there."""
    from search import judge

    judged: dict[str, list[dict[str, float]]] = {}
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for record in map(json.loads, lines):
        if record.get("usable", True):
            kind, prefix = _KINDS[record["track"]]
            found = peer.search(record["query"], kind)
            names = [prefix + name.partition(":")[2] for name in found]
            judged.setdefault(record["track"], []).append(judge(names, record["gold_tiers"]))
    return {
        track: {name: float(np.mean([one[name] for one in all_])) for name in all_[0]}
        for track, all_ in judged.items()
    }


def _document(entry: Entry) -> Document:
    name = entry.id.partition(":")[2]
    pname = {} if entry.kind == OPTION else {"pname": name.rpartition(".")[2]}
    return Document(entry.id, entry.kind, name, entry.text, entry.name, facts=pname)


def main() -> None:
    """Measure the peer that the arguments name."""
    name, folder = sys.argv[1:]
    print(json.dumps(measure(PEERS[name](), Path(folder))))


if __name__ == "__main__":
    main()
