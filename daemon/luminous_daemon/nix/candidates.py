"""Candidates: files that are not in force yet, laid where only one evaluation sees them."""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

_PREFIX = "candidate-"


@contextlib.contextmanager
def candidate_file(directory: Path, content: bytes, real: Path) -> Iterator[Path]:
    """Give a file with `content` that those can read who can read `real`, while it is needed."""
    handle, name = tempfile.mkstemp(dir=directory, prefix=_PREFIX, suffix=".new")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            status = real.lstat()
            os.fchown(handle, status.st_uid, status.st_gid)
            os.fchmod(handle, status.st_mode & 0o666)
            opened.write(content)
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def workshop(directory: Path, user: str) -> Iterator[Path]:
    """Give an empty directory of `user`'s own, for as long as it is needed."""
    path = Path(tempfile.mkdtemp(dir=directory, prefix=_PREFIX))
    try:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)
        yield path
    finally:
        _remove(path)


def kept_candidate(directory: Path, name: str, content: bytes, real: Path) -> Path:
    """Return a file with `content` that those can read who can read `real`.

    It stays until a reboot or the daemon's next start.
    """
    path = directory / f"{_PREFIX}{name}"
    with candidate_file(directory, content, real) as unfinished:
        unfinished.replace(path)
    return path


def remove_candidates(directory: Path) -> None:
    """Remove the candidates that an earlier daemon has left."""
    for path in directory.glob(f"{_PREFIX}*"):
        _remove(path)


def _remove(path: Path) -> None:
    """Remove a file, or a directory in which a user may have made anything."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except (OSError, RecursionError) as error:  # the latter: directories a thousand deep
        _log.warning("%s was not removed whole: %s", path, error)
