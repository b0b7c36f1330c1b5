"""What fills the disks beside the store: directories that grow, counted by du(1)."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.explaining.sights import Folder, Fullness
from luminous_daemon.nix.command import Command, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DU = ("du", "--summarize", "--block-size=1")
_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_GLOB = re.compile(r"([\\*?\[])")
_OPENED = ("/var/lib", "/var/cache", "/var/log")
"""Of these each directory is counted by itself, of /var each other one."""
_VAR = "/var"
_HOMES = "/home/"
_ROOT_HOME = "/root"
_MOST_FOLDERS = 96
_SECONDS = 15.0
_AT_ONCE = 2
_NICE = 10
_UNKNOWN = -1
_EVERYBODY = 0o005


class DiskUsage:
    """Asks the kernel and `du`."""

    def fullness(self, paths: Sequence[str]) -> Sequence[Fullness]:
        """Return the file systems that hold `paths`, each once, under the first of them."""
        found: dict[int, Fullness] = {}
        for path in paths:
            try:
                status, device = os.statvfs(path), os.stat(path).st_dev  # noqa: PTH116 - beside statvfs, which pathlib lacks
            except OSError:
                continue
            size, free = status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize
            found.setdefault(device, Fullness(path, size, free))
        return tuple(found.values())

    async def folders(self) -> Sequence[Folder]:
        """Return the directories that grow; unknown sizes where there was no time left."""
        wanted = [*_homes(), *map(_plain, _grown())][:_MOST_FOLDERS]
        sizes = dict.fromkeys((folder.path for folder in wanted), _UNKNOWN)
        room, mounts = asyncio.Semaphore(_AT_ONCE), _mounts()

        async def count(path: str) -> None:
            async with room:
                sizes[path] = await _size_of(path, mounts)

        try:
            async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as tasks:
                for folder in wanted:
                    tasks.create_task(count(folder.path))
        except TimeoutError:
            pass  # what is not counted by then stays unknown
        return [Folder(item.path, sizes[item.path], item.home_of) for item in wanted]


def _plain(path: str) -> Folder:
    return Folder(path, _UNKNOWN)


def _mounts() -> list[str]:
    """Return where something is mounted."""
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
    places = (line.split()[4] for line in lines)
    return [_ESCAPED.sub(lambda found: chr(int(found[1], 8)), place) for place in places]


async def _size_of(path: str, mounts: Sequence[str]) -> int:
    """Return the bytes that a directory takes, without what is mounted below it.

    `du --one-file-system` would leave out files whose directory is an overlay's.
    """
    below = (place for place in mounts if place.startswith(f"{path}/"))
    excluded = (_GLOB.sub(r"\\\1", place) for place in below)
    argv = (*_DU, *(f"--exclude={place}" for place in excluded), "--", path)
    outcome = await run(Command(argv, niceness=_NICE))
    figure = outcome.output.partition("\t")[0]
    return int(figure) if figure.isdecimal() else _UNKNOWN


def _grown() -> Iterable[str]:
    opened = [*_children(_VAR)]
    for path in opened:
        if path in _OPENED:
            yield from _children(path)
        else:
            yield path


def _children(path: str) -> Iterable[str]:
    """Return the directories in one whose names everybody may read; it alone if they may not."""
    try:
        is_open = os.stat(path).st_mode & _EVERYBODY == _EVERYBODY  # noqa: PTH116 - beside scandir
        if not is_open:
            return [path]
        with os.scandir(path) as entries:
            return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _homes() -> Iterable[Folder]:
    for user in sorted(pwd.getpwall(), key=lambda user: user.pw_name):
        home = user.pw_dir.rstrip("/")
        is_home = home.startswith(_HOMES) or home == _ROOT_HOME
        if is_home and Path(home).is_dir() and not Path(home).is_symlink():
            yield Folder(home, _UNKNOWN, user.pw_name)
