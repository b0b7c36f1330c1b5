"""Plain files: nothing else is read, and what a cut-off write left is removed."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.plain_file import (
    MAX_BYTES,
    Changed,
    NotAFile,
    create_file,
    read_plain_file,
    remove_file,
    remove_leftovers,
    replace_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable
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


def test_what_has_changed_is_not_replaced(file: Path) -> None:
    with pytest.raises(Changed):
        replace_file(file, b"new", b"other")
    assert file.read_bytes() == b"12345"
    replace_file(file, b"new", b"12345")
    assert file.read_bytes() == b"new"


def test_no_more_rights_are_kept_than_those_to_read_write_and_run(file: Path) -> None:
    file.chmod(0o6750)
    replace_file(file, b"new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o750


def test_what_is_no_file_is_not_replaced_by_one(file: Path) -> None:
    beside = file.with_name("beside")
    beside.symlink_to(file)
    with pytest.raises(NotAFile, match="a symbolic link"):
        replace_file(beside, b"new")
    with pytest.raises(FileNotFoundError, match=f"{file.parent}/gone'"):
        replace_file(file.parent / "gone" / "flake.lock", b"new")
    with pytest.raises(FileNotFoundError, match=f"{file.parent}/gone'"):
        replace_file(file.parent / "gone", b"new")


def everything(file: Path) -> list[Callable[[], object]]:
    """Return every act that reads or writes `file`."""
    return [
        lambda: read_plain_file(file),
        lambda: replace_file(file, b"new"),
        lambda: create_file(file.with_name("new"), b"new", file),
        lambda: remove_file(file),
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes links that are somebody else's")
@pytest.mark.parametrize("target", ["victim", "/{tmp}/victim", "../{name}/deeper/../victim"])
def test_a_link_of_the_owners_leads_nowhere(file: Path, target: str) -> None:
    tmp = file.parent
    (tmp / "victim").mkdir()
    (tmp / "deeper").mkdir()
    victim = file.rename(tmp / "victim" / "flake.lock")
    linked = tmp / "hosts"
    linked.symlink_to(target.format(tmp=tmp, name=tmp.name))
    os.chown(linked, 65534, 65534, follow_symlinks=False)
    for act in everything(linked / "flake.lock"):
        with pytest.raises(NotAFile, match="reached through a symbolic link that is not root's"):
            act()
    (tmp / "victim" / ".luminous-write-x").touch()
    remove_leftovers(linked)
    names = sorted(path.name for path in victim.parent.iterdir())
    assert names == [".luminous-write-x", "flake.lock"]
    assert victim.read_bytes() == b"12345"
    os.chown(linked, 0, 0, follow_symlinks=False)
    for act in everything(linked / "flake.lock"):
        act()
    remove_leftovers(linked)
    assert [path.name for path in victim.parent.iterdir()] == ["new"]


def test_links_in_a_circle_lead_nowhere(file: Path) -> None:
    (file.parent / "a").symlink_to("b")
    (file.parent / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        read_plain_file(file.parent / "a" / "flake.lock")


def test_a_write_stays_in_the_directory_where_it_began(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, real = os.fsync, file.parent / "real"
    (file.parent / "victim").mkdir()
    (file.parent / "victim" / "flake.lock").write_text("secret")
    real.mkdir()
    file.rename(real / "flake.lock")

    def swaps(handle: int) -> None:
        monkeypatch.undo()
        real.rename(file.parent / "moved")
        real.symlink_to("victim")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", swaps)
    replace_file(real / "flake.lock", b"new")
    assert (file.parent / "moved" / "flake.lock").read_bytes() == b"new"
    assert [path.name for path in (file.parent / "victim").iterdir()] == ["flake.lock"]
    assert (file.parent / "victim" / "flake.lock").read_text() == "secret"


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
