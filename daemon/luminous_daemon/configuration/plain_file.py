"""Plain files in a directory that is a user's: read and written with the care that root needs."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read or written here."""
_TEMPORARY = ".luminous-write-"
"""How the names of temporary files begin; no editor's begin so."""


class NotAFile(Exception):
    """Something else than a plain file; the text says what it is."""


def read_plain_file(file: Path) -> bytes:
    """Return the file's bytes, at most one more than `MAX_BYTES`. Raises `NotAFile`.

    A link would let the directory's owner read and write through root what is none of theirs, and a
    pipe would keep root waiting.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise NotAFile("a symbolic link") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotAFile("no file")
        with open(handle, "rb", closefd=False) as opened:
            return opened.read(MAX_BYTES + 1)
    finally:
        os.close(handle)


def replace_file(file: Path, content: bytes) -> None:
    """Replace `file` atomically, keeping its mode and owner."""
    status = file.lstat()
    with _written(file.parent, content) as (handle, temporary):
        os.fchown(handle, status.st_uid, status.st_gid)
        os.fchmod(handle, status.st_mode & 0o7777)
        os.fsync(handle)
        temporary.replace(file)
    _sync_directory(file.parent)


def create_file(file: Path, content: bytes, owner: Path) -> None:
    """Create `file` for the owner and the group of `owner`, readable for everybody.

    Raises FileExistsError, also where it has come into being a moment ago.
    """
    status = owner.lstat()
    with _written(file.parent, content) as (handle, temporary):
        os.fchown(handle, status.st_uid, status.st_gid)
        os.fchmod(handle, 0o644)
        os.fsync(handle)
        os.link(temporary, file)
        temporary.unlink()
    _sync_directory(file.parent)


def remove_file(file: Path) -> None:
    """Remove `file` so that it does not come back after a power cut."""
    file.unlink(missing_ok=True)
    _sync_directory(file.parent)


def remove_leftovers(directory: Path) -> None:
    """Remove what a write in `directory` left behind that was cut off.

    Whatever else bears such a name is not Luminous's, and nothing of it keeps the daemon from its
    start.
    """
    try:
        for name in os.listdir(directory):  # noqa: PTH208 - names are compared, paths are not needed
            if name.startswith(_TEMPORARY):
                _remove_leftover(directory / name)
    except FileNotFoundError:
        return
    except OSError as error:
        _log.warning("%s was not looked through for what a write left: %s", directory, error)


def _remove_leftover(path: Path) -> None:
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            path.unlink()
        else:
            _log.warning("%s is no file, so it was left alone", path)
    except OSError as error:
        _log.warning("%s, which a write left, was not removed: %s", path, error)


@contextlib.contextmanager
def _written(directory: Path, content: bytes) -> Iterator[tuple[int, Path]]:
    """Give a temporary file that holds `content`; it is gone afterwards, or has another name."""
    handle, name = tempfile.mkstemp(dir=directory, prefix=_TEMPORARY)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            yield handle, temporary
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
