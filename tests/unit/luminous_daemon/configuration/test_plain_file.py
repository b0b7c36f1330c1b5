"""Plain files: nothing else is read, and what a cut-off write left is removed."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.plain_file import (
    MAX_BYTES,
    NotAFile,
    read_plain_file,
    remove_leftovers,
    replace_file,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file."""
    path = tmp_path / "flake.lock"
    path.write_bytes(b"12345")
    return path


def test_no_more_is_read_than_tells_that_it_is_too_much(file: Path) -> None:
    assert read_plain_file(file) == b"12345"
    file.write_bytes(bytes(MAX_BYTES + 100))
    assert len(read_plain_file(file)) == MAX_BYTES + 1


def test_a_link_a_pipe_and_a_directory_are_not_read(file: Path) -> None:
    beside = file.with_name("beside")
    beside.symlink_to(file)
    with pytest.raises(NotAFile, match="a symbolic link"):
        read_plain_file(beside)
    beside.unlink()
    os.mkfifo(beside)
    with pytest.raises(NotAFile, match="no file"):
        read_plain_file(beside)
    with pytest.raises(NotAFile, match="no file"):
        read_plain_file(file.parent)


def test_a_file_is_replaced_by_another_with_its_mode(file: Path) -> None:
    file.chmod(0o640)
    before = file.stat()
    replace_file(file, b"new")
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode == before.st_mode
    assert file.stat().st_ino != before.st_ino
    assert [path.name for path in file.parent.iterdir()] == ["flake.lock"]


def test_what_a_write_left_behind_that_was_cut_off_is_removed_and_no_editors_file(
    file: Path,
) -> None:
    for name in (".luminous-write-abc123", ".flake.lock.swp"):
        (file.parent / name).write_text("half a")
    remove_leftovers(file.parent)
    names = sorted(path.name for path in file.parent.iterdir())
    assert names == [".flake.lock.swp", "flake.lock"]


def test_what_only_bears_the_name_of_a_leftover_is_passed_over(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = file.parent
    (folder / ".luminous-write-a").mkdir()
    (folder / ".luminous-write-b").symlink_to(file)
    os.mkfifo(folder / ".luminous-write-c")
    (folder / ".luminous-write-d").write_text("half a")
    remove_leftovers(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [*(f".luminous-write-{letter}" for letter in "abc"), "flake.lock"]
    assert ".luminous-write-a is no file" in caplog.text


def test_a_place_without_leftovers_is_no_obstacle(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remove_leftovers(file.parent / "gone")
    assert not caplog.text
    remove_leftovers(file)
    assert "flake.lock was not looked through" in caplog.text


def test_a_leftover_that_cannot_be_removed_does_not_keep_the_others(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    for letter in "ab":
        (file.parent / f".luminous-write-{letter}").write_text("half a")
    monkeypatch.setattr(os, "unlink", fails)
    remove_leftovers(file.parent)
    assert caplog.text.count("was not removed: [Errno 1]") == 2
