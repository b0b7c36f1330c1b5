"""Files that only root can read, and that are on disk before anything goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST_REMAINS = 1024 * 1024


class HalfWrittenError(OSError):
    """Lines were neither added whole nor taken away again; `remains` is what stands there."""

    def __init__(self, error: OSError, remains: bytes) -> None:
        """Stand for `error`, which was the reason."""
        super().__init__(error.errno, error.strerror)
        self.remains = remains


def append_lines(file: Path, lines: bytes, flags: int = 0) -> None:
    """Add whole lines to `file`, or nothing; `flags` are more of those of open(2).

    After half a line, which a crash has left and nobody could take away, a new one begins. Raises
    OSError, and `HalfWrittenError` where something was added all the same.
    """
    is_new = not file.exists()
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)
    try:
        size = os.fstat(handle).st_size
        is_torn = size and os.pread(handle, 1, size - 1) != b"\n"
        _add(handle, (b"\n" if is_torn else b"") + lines, size)
    finally:
        os.close(handle)
    if is_new:
        sync_directory(file.parent)


def _add(handle: int, left: bytes, size: int) -> None:
    try:
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError as error:
        try:
            os.ftruncate(handle, size)
        except OSError:  # the file may be made so that it can only grow
            raise HalfWrittenError(error, os.pread(handle, _MOST_REMAINS, size)) from error
        raise


def write_file(file: Path, content: bytes) -> None:
    """Write `file` anew; whoever reads it meanwhile may find half of it. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def sync_directory(directory: Path) -> None:
    """Make sure that the names of new files are on disk too."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
