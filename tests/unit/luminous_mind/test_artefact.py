"""An artefact is whole or it is named as what it is not."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from luminous_mind.artefact import (
    MANIFEST,
    ArtefactDamaged,
    ArtefactMissing,
    ArtefactOutdated,
    Kind,
    read_artefact,
    write_artefact,
)

if TYPE_CHECKING:
    from pathlib import Path

KIND = Kind(name="song", format=2, remedy="Sing it again.")


def write(folder: Path, words: str = "la", kind: Kind = KIND) -> Path:
    def fill(unfinished: Path) -> dict[str, str | int]:
        (unfinished / "words").write_text(words)
        return {"verses": 1}

    write_artefact(folder, kind, fill)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_read_with_its_facts(tmp_path: Path) -> None:
    assert read_artefact(write(tmp_path / "song"), KIND).facts == {"verses": 1}


def test_the_digest_is_that_of_the_files(tmp_path: Path) -> None:
    one, same, other = (
        read_artefact(write(tmp_path / name, words), KIND).digest
        for name, words in (("a", "la"), ("b", "la"), ("c", "lu"))
    )
    assert one == same != other


def test_a_new_one_takes_the_place_of_the_old_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "song", "la")
    write(tmp_path / "song", "lu")
    assert (tmp_path / "song/words").read_text() == "lu"
    assert names(tmp_path) == ["song"]


def test_the_old_one_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    write(tmp_path / "song")

    def fill(unfinished: Path) -> dict[str, str]:
        (unfinished / "words").write_text("l")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_artefact(tmp_path / "song", KIND, fill)
    assert read_artefact(tmp_path / "song", KIND).facts == {"verses": 1}
    assert names(tmp_path) == ["song"]


def test_what_a_killed_program_left_is_removed_a_day_later(tmp_path: Path) -> None:
    for name, age in ((".song.old", 2 * 24 * 3600), (".song.new", 60)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    write(tmp_path / "song")
    assert names(tmp_path) == [".song.new", "song"]


def test_a_folder_without_manifest_is_missing_and_the_message_says_what_to_do(
    tmp_path: Path,
) -> None:
    (tmp_path / "words").write_text("la")
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "words"):
        with pytest.raises(ArtefactMissing, match="Sing it again"):
            read_artefact(folder, KIND)


@pytest.mark.parametrize("words", ["", "l", "lu", "lala"])
def test_changed_and_cut_files_are_damage(tmp_path: Path, words: str) -> None:
    write(tmp_path / "song")
    (tmp_path / "song/words").write_text(words)
    with pytest.raises(ArtefactDamaged, match="words"):
        read_artefact(tmp_path / "song", KIND)


def test_a_lost_file_is_damage(tmp_path: Path) -> None:
    write(tmp_path / "song")
    (tmp_path / "song/words").unlink()
    with pytest.raises(ArtefactDamaged, match="words"):
        read_artefact(tmp_path / "song", KIND)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 50_000,
        '{"kind": "song", "format": 2}',
        "\xff",
        '"' + "x" * 99_999,
    ],
)
def test_a_manifest_of_nonsense_is_damage_or_another_format(tmp_path: Path, text: str) -> None:
    write(tmp_path / "song")
    (tmp_path / "song" / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises((ArtefactDamaged, ArtefactOutdated)):
        read_artefact(tmp_path / "song", KIND)


def test_another_kind_or_format_is_outdated(tmp_path: Path) -> None:
    write(tmp_path / "old", kind=Kind("song", 1, ""))
    write(tmp_path / "poem", kind=Kind("poem", 2, ""))
    for name in ("old", "poem"):
        with pytest.raises(ArtefactOutdated, match="format 2"):
            read_artefact(tmp_path / name, KIND)


def test_a_manifest_reaches_no_file_outside_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "song")
    (tmp_path / "secret").write_text("la")
    manifest = json.loads((tmp_path / "song" / MANIFEST).read_text())
    manifest["files"] = {"../secret": manifest["files"]["words"]}
    (tmp_path / "song" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtefactDamaged, match="secret"):
        read_artefact(tmp_path / "song", KIND)
