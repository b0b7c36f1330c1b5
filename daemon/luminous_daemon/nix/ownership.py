"""Ownership: whose file it is that a path leads to, counting all who could make it lead elsewhere.

The owner of the file alone says little: a user's link may lead to a file of root, and a user's
directory may hold one.
"""

from __future__ import annotations

import pwd
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_ROOT = 0
_LINKS = 40
"""As many as Linux follows on the way to one file."""


class NoOwner(Exception):
    """A file is not one user's; the text is a sentence that says why."""


def owner_of_way(file: Path) -> str:
    """Return the name of the user who alone, beside root, decides what lies at `file`.

    That is root only where every directory, every link and the file itself are root's, and nobody
    else may write there. Raises `NoOwner`, and `OSError` where the way does not lead to a file.
    """
    steps = list(_steps(file))
    owners = {status.st_uid: path for path, status in steps}
    owners.pop(_ROOT, None)
    if not owners:
        _check_is_roots_alone(steps)
        return pwd.getpwuid(_ROOT).pw_name
    if len(owners) > 1:
        places = " and ".join(f"{path} ({_name(uid)})" for uid, path in owners.items())
        raise NoOwner(f"The way to {file} is not one user's: {places}.")
    ((uid, path),) = owners.items()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise NoOwner(f"{path} is of number {uid}, which no user of this machine has.") from None


def _check_is_roots_alone(steps: list[tuple[Path, os.stat_result]]) -> None:
    for path, status in steps:
        # In a sticky directory, as /nix/store is one, nobody removes what is root's.
        is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        if is_shared and not is_sticky and not stat.S_ISLNK(status.st_mode):
            raise NoOwner(
                f"{path} is root's, and others may write there: nothing of it is evaluated as root."
            )


def _steps(file: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Return all that is passed on the way to `file`, itself included: directories and links."""
    place, links = Path("/"), 0
    yield place, place.lstat()
    rest = list(reversed(file.parts[1:]))
    while rest:
        name = rest.pop()
        if name == "..":
            place = place.parent
            continue
        step = place / name
        status = step.lstat()
        yield step, status
        if not stat.S_ISLNK(status.st_mode):
            place = step
            continue
        links += 1
        if links > _LINKS:
            raise NoOwner(f"The links on the way to {file} lead in a circle.")
        target = step.readlink()
        rest += reversed(target.parts)
        if target.is_absolute():
            place = Path(rest.pop())


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
