"""The directory of a file, opened once: no link that its owner makes leads root anywhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_LINKS = 40
"""As many as the kernel follows on one way."""
_FLAGS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW


class NotReached(Exception):
    """A directory behind a link that is not to be followed; the text goes on after "it is"."""


@contextlib.contextmanager
def opened_directory(directory: Path) -> Iterator[int]:
    """Give a handle of `directory`. Raises `NotReached`, and OSError with its whole name.

    Whatever is done by that handle is done there, even where somebody makes a link of a part of the
    way meanwhile. Links on the way are followed where root has made them, or the daemon's own user.
    """
    try:
        handle = _walk(directory)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(directory)) from None
    try:
        yield handle
    finally:
        os.close(handle)


def _walk(directory: Path) -> int:
    """Return a handle to read `directory`, opened part by part."""
    waiting = list(reversed(directory.absolute().parts))
    links = 0
    with contextlib.ExitStack() as stack:
        at = -1
        while waiting:
            name = waiting.pop()
            target = "" if name == "/" else _target(name, at)
            if target:
                links += 1
                if links > _MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                waiting += reversed(_parts(target))
                continue
            below = os.open(name, _FLAGS, dir_fd=None if at < 0 else at)
            stack.close()
            stack.callback(os.close, below)
            at = below
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)


def _target(name: str, at: int) -> str:
    """Return where a link leads; nothing for what is none. Raises `NotReached`."""
    status = os.stat(name, dir_fd=at, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        return ""
    if status.st_uid not in {0, os.geteuid()}:
        raise NotReached("reached through a symbolic link that is not root's")
    return os.readlink(name, dir_fd=at)


def _parts(target: str) -> list[str]:
    """Return the parts of a link's text; the first is a slash where it begins at the root."""
    parts = [part for part in target.split("/") if part]
    return ["/", *parts] if target.startswith("/") else parts
