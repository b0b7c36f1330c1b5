"""Values kept on disk: what was written is read, and what is damaged is never trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luminous_daemon.kept_values import KeptValues

ONE, TWO = (f"/nix/store/{digit * 32}-nixos-system" for digit in "12")
VALUES = {"a.b": "[22]", "a.c": '"ü"'}


def _only_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


def test_what_was_kept_is_known_after_a_restart(tmp_path: Path) -> None:
    KeptValues(tmp_path / "values").keep(ONE, VALUES)
    kept = KeptValues(tmp_path / "values")
    assert kept.of(ONE) == VALUES
    assert kept.of(TWO) is None
    assert _only_file(tmp_path / "values").stat().st_mode & 0o077 == 0


def test_what_belongs_to_no_generation_any_more_is_removed(tmp_path: Path) -> None:
    kept = KeptValues(tmp_path)
    kept.keep(ONE, VALUES)
    kept.keep(TWO, VALUES)
    (tmp_path / ".left-by-a-crash").touch()
    kept.retain({TWO})
    assert kept.of(ONE) is None
    assert kept.of(TWO) == VALUES
    assert _only_file(tmp_path).name.startswith("2")


@pytest.mark.parametrize("at", range(0, 300, 7))
def test_a_file_with_a_flipped_bit_is_set_aside_or_says_the_same(tmp_path: Path, at: int) -> None:
    kept = KeptValues(tmp_path)
    kept.keep(ONE, VALUES)
    file = _only_file(tmp_path)
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 1
    file.write_bytes(content)
    assert kept.of(ONE) in (None, VALUES)
    if kept.of(ONE) is None:
        assert _only_file(tmp_path).name.endswith(".damaged")
        kept.keep(ONE, VALUES)
        assert kept.of(ONE) == VALUES


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"[" * 10_000, b'{"held": 1}'])
def test_what_is_no_such_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    kept = KeptValues(tmp_path)
    kept.keep(ONE, VALUES)
    _only_file(tmp_path).write_bytes(content)
    assert kept.of(ONE) is None
    assert _only_file(tmp_path).name.endswith(".damaged")


def test_a_file_of_another_version_or_system_is_not_taken(tmp_path: Path) -> None:
    kept = KeptValues(tmp_path)
    kept.keep(ONE, VALUES)
    file = _only_file(tmp_path)
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({**whole, "version": 2}))
    assert kept.of(ONE) is None
    kept.keep(TWO, VALUES)
    (tmp_path / f"{Path(TWO).name}.json").rename(file)
    assert kept.of(ONE) is None


def test_a_place_that_cannot_be_written_only_lacks_values(tmp_path: Path) -> None:
    (tmp_path / "values").write_text("not a directory")
    kept = KeptValues(tmp_path / "values")
    kept.keep(ONE, VALUES)
    kept.retain({TWO})
    assert kept.of(ONE) is None
