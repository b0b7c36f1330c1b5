"""The index on disk: whole or refused, and replaced at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.ingest.pipeline import build
from luminous_mind.knowledge.index import Index
from luminous_mind.knowledge.names import _grams_of, _holders_of
from luminous_mind.knowledge.retriever import Retriever
from tests.unit.luminous_mind.knowledge.shelf import documents, found, retriever

if TYPE_CHECKING:
    from pathlib import Path

QUERIES = ("caddy", "bleutooth", "watch films", "firewall ports")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save the small index."""
    build(documents(), lambda _: None).save(tmp_path / "index", 1_700_000_000)
    return tmp_path / "index"


def test_an_index_that_was_saved_finds_the_same(folder: Path) -> None:
    opened, fresh = Retriever.open(folder), retriever()
    for query in QUERIES:
        assert found(query, by=opened) == found(query, by=fresh)
    assert opened.describe() == {
        "documents": {"option": 11, "package": 13, "manual": 2},
        "indexed": 1_700_000_000,
        "meaning": "there is no encoder",
    }


def test_a_new_index_takes_the_place_of_the_old_while_that_is_read(folder: Path) -> None:
    opened = Retriever.open(folder)
    build(documents()[:3], lambda _: None).save(folder, 1_700_000_001)
    assert found("firefox", by=opened)[0] == "package:firefox"
    assert Retriever.open(folder).describe()["documents"] == {"option": 3}
    assert [file.name for file in folder.iterdir()] == ["lexical"]


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "manifest", "version", "nothing"])
def test_an_index_that_is_not_whole_is_refused_by_name(folder: Path, damage: str) -> None:
    file = folder / "lexical" / "package.postings.impacts.npy"
    content = file.read_bytes()
    manifest = folder / "lexical" / "manifest.json"
    if damage == "flip":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "remove":
        file.unlink()
    elif damage == "manifest":
        manifest.write_text("{")
    elif damage == "version":
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))
    else:
        manifest.unlink()
    with pytest.raises(ArtefactUnusable):
        Index.open(folder)


def test_the_trigrams_of_all_names_are_those_of_each() -> None:
    names = sorted({"", "a", "aa", "aaaa", "firefox", "größe", "動画", "a動b", "x" * 300, "fire"})
    grams, offsets, holders = _holders_of(names)
    found = {
        gram: holders[offsets[number] : offsets[number + 1]].tolist()
        for number, gram in enumerate(grams)
    }
    expected: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for gram in _grams_of(name):
            expected.setdefault(gram, []).append(number)
    assert found == expected
    assert grams == sorted(grams, key=str.encode)
    assert _holders_of([])[1].tolist() == [0]
