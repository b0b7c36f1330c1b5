"""The job that indexes: only when something has changed, and one at a time."""

from __future__ import annotations

import fcntl
import json
from typing import TYPE_CHECKING

import pytest

from luminous_mind.indexing import make_index
from luminous_mind.knowledge.retriever import Retriever
from luminous_mind.settings import Settings
from luminous_protocol.errors import Busy, NotReady
from tests.unit.luminous_mind.knowledge.shelf import found

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def loaded(tmp_path: Path) -> Settings:
    """Name one source, and one that is not there."""
    source = tmp_path / "packages.json"
    source.write_text(json.dumps({"nixos.hello": {"pname": "hello", "meta": {}}}))
    sources = {source: "packages", tmp_path / "options.json": "options"}
    return Settings(index=tmp_path / "index", sources=sources)  # type: ignore[arg-type] # as TOML


def test_what_is_there_is_indexed_and_what_is_not_there_is_waited_for(
    loaded: Settings, tmp_path: Path
) -> None:
    report = make_index(loaded)
    assert report
    assert (report.documents, report.failures) == ({"package": 1}, {})
    (tmp_path / "options.json").write_text('{"a.enable": {"description": "A.", "type": "bool"}}')
    report = make_index(loaded)
    assert report
    assert report.documents == {"package": 1, "option": 1}
    assert found("hello", by=Retriever.open(loaded.index))[0] == "package:hello"


def test_nothing_is_done_when_every_source_is_as_it_was(loaded: Settings) -> None:
    assert make_index(loaded)
    assert make_index(loaded) is None


def test_a_damaged_index_is_made_anew(loaded: Settings) -> None:
    assert make_index(loaded)
    (loaded.index / "lexical" / "package.names.rows.npy").write_bytes(b"")
    assert make_index(loaded)
    assert found("hello", by=Retriever.open(loaded.index)) == ["package:hello"]


def test_two_jobs_are_not_at_it_at_once(loaded: Settings) -> None:
    loaded.index.mkdir()
    with (loaded.index / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="Another program indexes"):
            make_index(loaded)


def test_without_a_source_it_is_said_which_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"nothing to index.*options\.json"):
        make_index(Settings(index=tmp_path / "i", sources={tmp_path / "options.json": "options"}))
