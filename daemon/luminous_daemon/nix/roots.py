"""The garbage collector's roots, as Nix lists them, with what they keep.

Nix asks its own daemon, which sees all homes and processes. While it looks it drops links to what
is gone already, as it does at each collection; none that keeps anything is ever removed.
"""

from __future__ import annotations

import asyncio
import pwd
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.roots import Link, Root
from luminous_daemon.nix.closures import Closures
from luminous_daemon.nix.command import Command, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from luminous_daemon.settings import Settings

_SIZES = ("nix", "--extra-experimental-features", "nix-command", "path-info", "-S")
_MOST_SIZED = 500
"""Roots whose closures are measured: of more, those that Nix lists first."""
_MOST_COMPARED = 8
"""The largest, for which it is looked what they alone keep: a question to Nix each."""
_AT_ONCE = 2
_SECONDS = 20.0
"""How long a plan waits for that."""
_PROCESS = re.compile(r"^/proc/([0-9]+)/")
_NO_HOMES = frozenset({"", "/", "/var/empty", "/nonexistent", "/dev/null", "/proc"})


class GarbageRoots:
    """Asks `nix-store --gc --print-roots`."""

    def __init__(self, settings: Settings) -> None:
        """Leave out the generations of the profile that `settings` names."""
        self._system = re.compile(
            rf"^{re.escape(str(settings.profile))}(?:-[0-9]+-link)?$"
            r"|^/run/(?:current|booted)-system$"
        )

    async def largest(self, system: Sequence[str]) -> list[Root]:
        """Return the largest roots, with what each of them alone keeps beside the `system`."""
        places = await self._places()
        sizes = await _closure_sizes(list(places)[:_MOST_SIZED])
        homes = _homes()
        found = [
            Root(path, tuple(_link(place, homes) for place in places[path]), size)
            for path, size in sorted(sizes.items(), key=lambda item: item[1], reverse=True)
        ]
        top, rest = found[:_MOST_COMPARED], found[_MOST_COMPARED:]
        others = [*(path for path in system if Path(path).exists()), *(root.path for root in rest)]
        try:
            async with asyncio.timeout(_SECONDS):
                return await _compared(top, others)
        except TimeoutError:
            return top

    async def _places(self) -> Mapping[str, list[str]]:
        """Return from where each path is kept, but for the systems."""
        outcome = await run(Command(("nix-store", "--gc", "--print-roots")))
        places: dict[str, list[str]] = {}
        systems: set[str] = set()
        for line in outcome.output.splitlines():
            place, arrow, path = line.rpartition(" -> ")
            if arrow and path.startswith("/nix/store/"):
                places.setdefault(path, []).append(place)
                if self._system.match(place):
                    systems.add(path)
        return {path: found for path, found in places.items() if path not in systems}


async def _closure_sizes(paths: Sequence[str]) -> Mapping[str, int]:
    """Return the bytes of the closures of `paths`; nothing where Nix cannot say."""
    if not paths:
        return {}
    outcome = await run(Command((*_SIZES, *paths)))
    if outcome.status != 0:
        return {}
    lines = (line.split() for line in outcome.output.splitlines())
    return {path: int(size) for path, size in lines}


async def _compared(top: Sequence[Root], others: Sequence[str]) -> list[Root]:
    """Return the roots with the bytes that no other of them and none of `others` needs."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def closure(paths: Sequence[str]) -> Mapping[str, int]:
        async with room:
            return await Closures.joined(paths)

    rest, *own = await asyncio.gather(closure(others), *(closure([root.path]) for root in top))
    return [
        Root(root.path, root.links, root.size, _alone(at, own, rest)) for at, root in enumerate(top)
    ]


def _alone(at: int, closures: Sequence[Mapping[str, int]], rest: Mapping[str, int]) -> int:
    shared = set(rest).union(*(other for index, other in enumerate(closures) if index != at))
    return sum(size for path, size in closures[at].items() if path not in shared)


def _link(place: str, homes: Iterable[tuple[str, str]]) -> Link:
    owner = next((user for home, user in homes if place.startswith(f"{home}/")), "")
    process = _PROCESS.match(place)
    return Link(place, owner, _process_name(process[1]) if process else "")


def _process_name(number: str) -> str:
    try:
        name = Path(f"/proc/{number}/comm").read_text(errors="replace").strip()
    except OSError:
        name = "a process"
    return f"{name} ({number})"


def _homes() -> list[tuple[str, str]]:
    """Return homes and their users, those inside of others first."""
    found = {(user.pw_dir.rstrip("/"), user.pw_name) for user in pwd.getpwall()}
    return sorted((item for item in found if item[0] not in _NO_HOMES), reverse=True)
