"""Plain files in a directory that is a user's: read and written with the care that root needs."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import stat
from typing import TYPE_CHECKING

from luminous_daemon.configuration.real_directory import NotReached, opened_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read or written here."""
_TEMPORARY = ".luminous-write-"
"""How the names of temporary files begin; no editor's begin so."""


class NotAFile(Exception):
    """Something else than a plain file; the text says what it is."""


class Changed(Exception):
    """The file does not hold what it was to hold."""


def read_plain_file(file: Path) -> bytes:
    """Return the file's bytes, at most one more than `MAX_BYTES`. Raises `NotAFile`.

    A link would let the directory's owner read and write through root what is none of theirs, and a
    pipe would keep root waiting.
    """
    with _directory_of(file) as directory, _opened(file, directory) as handle:
        return _content(handle)


def replace_file(file: Path, content: bytes, before: bytes | None = None) -> None:
    """Replace `file` atomically, keeping its mode and owner. Raises `NotAFile`.

    Raises `Changed`, and writes nothing, where `before` is given and not what the file holds: the
    very file whose mode and owner are kept.
    """
    with _directory_of(file) as directory:
        with _opened(file, directory) as old:
            status = os.fstat(old)
            if before is not None and _content(old) != before:
                raise Changed
        with _written(directory, content) as (handle, temporary):
            os.fchown(handle, status.st_uid, status.st_gid)
            os.fchmod(handle, status.st_mode & 0o777)
            os.fsync(handle)
            os.rename(temporary, file.name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)


def create_file(file: Path, content: bytes, owner: Path) -> None:
    """Create `file` for the owner and the group of `owner`, readable for everybody.

    Raises FileExistsError, also where it has come into being a moment ago, and `NotAFile`.
    """
    with _directory_of(owner) as beside:
        status = os.stat(owner.name, dir_fd=beside, follow_symlinks=False)
    with _directory_of(file) as directory:
        with _written(directory, content) as (handle, temporary):
            os.fchown(handle, status.st_uid, status.st_gid)
            os.fchmod(handle, 0o644)
            os.fsync(handle)
            both = {"src_dir_fd": directory, "dst_dir_fd": directory}
            os.link(temporary, file.name, **both, follow_symlinks=False)
            os.unlink(temporary, dir_fd=directory)
        os.fsync(directory)


def remove_file(file: Path) -> None:
    """Remove `file` so that it does not come back after a power cut. Raises `NotAFile`."""
    with _directory_of(file) as directory:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(file.name, dir_fd=directory)
        os.fsync(directory)


def remove_leftovers(directory: Path) -> None:
    """Remove what a write in `directory` left behind that was cut off.

    Whatever else bears such a name is not Luminous's, and nothing of it keeps the daemon from its
    start.
    """
    try:
        with opened_directory(directory) as handle:
            for name in os.listdir(handle):  # noqa: PTH208 - a handle, so that nobody moves it
                if name.startswith(_TEMPORARY):
                    _remove_leftover(name, handle, directory / name)
    except FileNotFoundError:
        return
    except (OSError, NotReached) as error:
        _log.warning("%s was not looked through for what a write left: %s", directory, error)


def _remove_leftover(name: str, directory: int, path: Path) -> None:
    try:
        if stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            os.unlink(name, dir_fd=directory)
        else:
            _log.warning("%s is no file, so it was left alone", path)
    except OSError as error:
        _log.warning("%s, which a write left, was not removed: %s", path, error)


@contextlib.contextmanager
def _directory_of(file: Path) -> Iterator[int]:
    """Give a handle of the directory that holds `file`. Raises `NotAFile`."""
    try:
        with opened_directory(file.parent) as handle:
            yield handle
    except NotReached as error:
        raise NotAFile(str(error)) from None


@contextlib.contextmanager
def _opened(file: Path, directory: int) -> Iterator[int]:
    """Give a handle to read the plain file of that name in `directory`. Raises `NotAFile`."""
    try:
        handle = os.open(
            file.name or ".", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory
        )
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise OSError(error.errno, error.strerror, str(file)) from None
        raise NotAFile("a symbolic link") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotAFile("no file")
        yield handle
    finally:
        os.close(handle)


def _content(handle: int) -> bytes:
    with open(handle, "rb", closefd=False) as opened:
        return opened.read(MAX_BYTES + 1)


@contextlib.contextmanager
def _written(directory: int, content: bytes) -> Iterator[tuple[int, str]]:
    """Give a temporary file that holds `content`; it is gone afterwards, or has another name."""
    temporary = f"{_TEMPORARY}{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            yield handle, temporary
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=directory)
        raise
