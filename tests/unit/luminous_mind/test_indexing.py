"""The job that indexes: only when something has changed, and one at a time."""

from __future__ import annotations

import fcntl
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_mind.indexing import make_index
from luminous_mind.ingest.kept import Kept
from luminous_mind.knowledge.retriever import Retriever
from luminous_mind.settings import Settings
from luminous_protocol.errors import Busy, InvalidValue, NotReady
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
    assert (report.documents, report.failures) == ({"package": 1}, {})
    (tmp_path / "options.json").write_text('{"a.enable": {"description": "A.", "type": "bool"}}')
    report = make_index(loaded)
    assert report.documents == {"package": 1, "option": 1}
    assert found("hello", "package", by=Retriever.open(loaded.index))[0] == "package:hello"


def test_nothing_is_done_when_every_source_is_as_it_was(loaded: Settings) -> None:
    first = make_index(loaded)
    assert first.is_new
    assert make_index(loaded) == replace(first, is_new=False)


@pytest.mark.parametrize("damage", ["cut", "format", "manifest"])
def test_an_index_that_cannot_be_used_is_made_anew_and_kept_aside_once(
    loaded: Settings, damage: str
) -> None:
    make_index(loaded)
    lexical = loaded.index / "lexical"
    for _ in range(2):
        if damage == "cut":
            (lexical / "package.names.rows.npy").write_bytes(b"")
        elif damage == "format":
            manifest = json.loads((lexical / "manifest.json").read_text())
            (lexical / "manifest.json").write_text(json.dumps({**manifest, "format": 0}))
        else:
            (lexical / "manifest.json").write_text("{")
        assert make_index(loaded).is_new
        assert found("hello", "package", by=Retriever.open(loaded.index)) == ["package:hello"]
    assert len(list(loaded.index.glob("unusable-*"))) == 1
    assert "made anew" in Kept.read(loaded.index).problem


def test_what_another_version_of_the_code_has_made_is_made_anew(loaded: Settings) -> None:
    make_index(loaded)
    kept = Kept.read(loaded.index)
    replace(kept, recipe="older").write(loaded.index)
    assert make_index(loaded).is_new


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sources": {"a": 3}}', "\0", "[" * 99_999])
def test_a_state_that_makes_no_sense_means_to_index_anew(loaded: Settings, content: str) -> None:
    make_index(loaded)
    (loaded.index / "sources.json").write_text(content)
    assert make_index(loaded).is_new


def test_a_source_that_is_lost_is_searched_on_as_it_was(loaded: Settings, tmp_path: Path) -> None:
    make_index(loaded)
    (tmp_path / "packages.json").write_text('{"nixos.hello": {"pna')
    (tmp_path / "options.json").write_text('{"a.enable": {"description": "A.", "type": "bool"}}')
    report = make_index(loaded)
    assert report.documents == {"package": 1, "option": 1}
    (reason,) = report.failures.values()
    assert "is not JSON" in reason
    assert reason.endswith("What was indexed of it before is searched on.")
    assert make_index(loaded).failures == report.failures


def test_one_source_alone_can_be_indexed_and_the_others_stay(
    loaded: Settings, tmp_path: Path
) -> None:
    options = tmp_path / "options.json"
    options.write_text('{"a.enable": {"description": "A.", "type": "bool"}}')
    make_index(loaded)
    options.write_text('{"b.enable": {"description": "B.", "type": "bool"}}')
    (tmp_path / "packages.json").write_text('{"nixos.vlc": {"pname": "vlc"}}')
    assert make_index(loaded, str(options)).is_new
    opened = Retriever.open(loaded.index)
    assert found("hello", "package", by=opened) == ["package:hello"]
    assert found("b", "option", by=opened) == ["option:b.enable"]
    assert make_index(loaded, str(options)).is_new is False
    assert make_index(loaded).documents == {"package": 1, "option": 1}
    assert found("vlc", "package", by=Retriever.open(loaded.index)) == ["package:vlc"]


def test_a_source_that_is_not_named_in_the_settings_is_refused(loaded: Settings) -> None:
    with pytest.raises(InvalidValue, match=r"no source /etc/shadow\. The sources are: .*packages"):
        make_index(loaded, "/etc/shadow")


def test_of_what_a_killed_job_has_left_nothing_stays(loaded: Settings) -> None:
    make_index(loaded)
    (loaded.index / ".lexical.abc").mkdir()
    (loaded.index / "dense-0123").mkdir()
    (loaded.index / "sources.json").unlink()
    make_index(loaded)
    assert {item.name for item in loaded.index.iterdir()} == {
        *("lexical", "analysis", "lock", "sources.json"),
    }


def test_without_an_encoder_that_can_be_used_words_are_indexed_and_it_is_tried_again(
    loaded: Settings, tmp_path: Path
) -> None:
    without = replace(loaded, encoder=tmp_path / "encoder")
    for _ in range(2):
        report = make_index(without)
        assert (report.documents, report.is_new) == ({"package": 1}, True)
        assert "The encoder cannot be used" in report.failures[str(tmp_path / "encoder")]
    assert found("hello", "package", by=Retriever.open(loaded.index)) == ["package:hello"]


def test_an_index_that_grows_is_the_one_that_is_made_from_nothing(
    tmp_path: Path, loaded: Settings
) -> None:
    source = tmp_path / "packages.json"
    words = ["editor", "browser", "player", "shell", "a tool", "server", "Überall", "ngnix", ""]
    packages = {
        f"nixos.{word}{number}": {"pname": word, "meta": {"description": f"{word} of {number}"}}
        for word in words
        for number in range(20)
    }
    for step in range(3):
        for number in range(5):
            packages[f"nixos.new{step}{number}"] = {"pname": f"new{step}"}
        packages.pop(f"nixos.editor{step}")
        packages[f"nixos.player{step}"]["meta"] = {"description": f"changed {step}"}
        source.write_text(json.dumps(packages))
        make_index(loaded)
        anew = replace(loaded, index=tmp_path / f"anew{step}")
        make_index(anew)
        assert arrays_of(loaded.index) == arrays_of(anew.index)


def arrays_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all arrays."""
    return {file.name: file.read_bytes() for file in (folder / "lexical").glob("*.npy")}


def test_two_jobs_are_not_at_it_at_once(loaded: Settings) -> None:
    loaded.index.mkdir()
    with (loaded.index / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="Another program indexes"):
            make_index(loaded)


def test_without_a_source_it_is_said_which_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"nothing to index.*options\.json"):
        make_index(Settings(index=tmp_path / "i", sources={tmp_path / "options.json": "options"}))
