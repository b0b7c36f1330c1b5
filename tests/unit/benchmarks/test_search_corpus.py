"""What search is measured with: the same each time, and of the sort that it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from tests.benchmarks.search_corpus import grown, queries, read_entries, real_documents
from tests.benchmarks.search_corpus import write_entries as write
from tests.unit.luminous_mind.knowledge.shelf import documents

if TYPE_CHECKING:
    from pathlib import Path


def test_queries_are_the_same_each_time() -> None:
    assert queries(documents(), 20) == queries(documents(), 20)


def test_a_misspelt_query_is_one_error_from_a_name() -> None:
    names = {document.name.removesuffix(".enable").rpartition(".")[2] for document in documents()}
    for query in queries(documents(), 30)["typo"]:
        assert min(OSA.distance(query, name) for name in names) <= 1


def test_more_passages_than_there_are_keep_the_real_ones_and_differ() -> None:
    real = documents()
    more = grown(real, 100)
    assert len({document.id for document in more}) == 100
    assert {document.id for document in real} <= {document.id for document in more}
    assert more == grown(real, 100)


def test_without_real_passages_there_are_made_up_ones(tmp_path: Path) -> None:
    assert real_documents(tmp_path) == []
    assert len(grown([], 30)) == 30


def test_contenders_read_what_was_written_for_them(tmp_path: Path) -> None:
    write(documents(), tmp_path / "entries.jsonl")
    entries = read_entries(tmp_path / "entries.jsonl")
    assert [entry.id for entry in entries] == [document.id for document in documents()]
    assert json.loads((tmp_path / "entries.jsonl").read_text().splitlines()[0])["text"]
