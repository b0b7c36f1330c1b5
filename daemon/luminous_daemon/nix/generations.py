"""The system profile: its generations, read from the links; changes go through `nix-env`."""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from luminous_daemon.core.ports import Generation
from luminous_daemon.nix.command import Command, run
from luminous_protocol.errors import Internal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CURRENT_SYSTEM = Path("/run/current-system")
BOOTED_SYSTEM = Path("/run/booted-system")
_REVISION = re.compile(r'"configurationRevision":\s*("(?:[^"\\]|\\.)*")')


class _System(NamedTuple):
    """A built system, in the order of `Generation`'s fields after its date."""

    toplevel: str
    nixos_version: str
    kernel: str
    configuration_revision: str
    specialisations: tuple[str, ...]


class _Link(NamedTuple):
    """A link of the profile: the generation that it stands for."""

    number: int
    date: int
    system: _System


class SystemProfile:
    """The profile whose generations boot."""

    def __init__(self, profile: Path) -> None:
        """Read and change `profile`, for example /nix/var/nix/profiles/system."""
        self._profile = profile
        self._link = re.compile(re.escape(profile.name) + r"-(\d+)-link")

    def generations(self) -> list[Generation]:
        """Return all generations, newest first."""
        default, booted_since = self.default(), _made_at(BOOTED_SYSTEM)
        links = sorted(self._links(), reverse=True)
        current = _number_of(links, self.running(), default)
        # Several generations may be the same system; the one that booted was there by then.
        by_then = [link for link in links if link.date <= booted_since] or links
        booted = _number_of(by_then, self.booted(), 0)
        return [
            Generation(
                link.number,
                link.system.toplevel,
                link.date,
                *link.system[1:],
                is_current=link.number == current,
                is_booted=link.number == booted,
                is_default=link.number == default,
            )
            for link in links
        ]

    def _links(self) -> Iterator[_Link]:
        for entry in os.scandir(self._profile.parent):
            match = self._link.fullmatch(entry.name)
            if match:
                date = int(entry.stat(follow_symlinks=False).st_mtime)
                target = os.readlink(entry.path)  # noqa: PTH115 - texts, 200 times a call
                system = _system(os.path.join(self._profile.parent, target))  # noqa: PTH118 - as above
                yield _Link(int(match[1]), date, system)

    def running(self) -> str:
        """Return the toplevel that runs."""
        return _target(CURRENT_SYSTEM)

    def describe(self, toplevel: str) -> Generation:
        """Return what a system that is no generation is; its number and its date are 0."""
        return Generation(0, toplevel, 0, *_system(toplevel)[1:])

    def booted(self) -> str:
        """Return the toplevel that was booted."""
        return _target(BOOTED_SYSTEM)

    def default(self) -> int:
        """Return the number of the generation that boots by default; 0 if there is none."""
        try:
            match = self._link.fullmatch(self._profile.readlink().name)
        except OSError:
            return 0
        return int(match[1]) if match else 0

    async def set_default(self, toplevel: str) -> None:
        """Make `toplevel` the newest generation and the default."""
        await self._nix_env("--set", toplevel)

    async def select(self, number: int) -> None:
        """Make an existing generation the default."""
        await self._nix_env("--switch-generation", str(number))

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete generations."""
        await self._nix_env("--delete-generations", *map(str, numbers))

    async def _nix_env(self, *arguments: str) -> None:
        outcome = await run(Command(("nix-env", "--profile", str(self._profile), *arguments)))
        if outcome.status != 0:
            raise Internal("The system profile cannot be changed: " + " ".join(outcome.errors[-3:]))


def _made_at(link: Path) -> float:
    try:
        return link.lstat().st_mtime
    except OSError:
        return 0.0


def _target(link: Path) -> str:
    try:
        return str(link.resolve(strict=True))
    except OSError:
        return ""


def _number_of(links: Sequence[_Link], toplevel: str, default: int) -> int:
    """Return the number of the generation that `toplevel` is; the default where several are."""
    numbers = [link.number for link in links if toplevel and link.system.toplevel == toplevel]
    return default if default in numbers else max(numbers, default=0)


@lru_cache(maxsize=1024)
def _system(target: str) -> _System:
    """Read a built system, once: nothing in the store changes."""
    toplevel = Path(os.path.realpath(target))
    return _System(
        toplevel=str(toplevel),
        nixos_version=_read(toplevel / "nixos-version"),
        kernel=kernel_version(toplevel),
        configuration_revision=_revision(toplevel),
        specialisations=_names(toplevel / "specialisation"),
    )


def kernel_version(toplevel: Path) -> str:
    """Return the version of a system's kernel: the name of its only modules directory."""
    names = _names(toplevel / "kernel-modules" / "lib" / "modules")
    if names:
        return names[0]
    found = re.search(r"-linux-([^/]+)", os.path.realpath(toplevel / "kernel"))
    return found[1] if found else ""


def _revision(toplevel: Path) -> str:
    """Return what a system's `nixos-version --json` would say; the program is read, and not run."""
    found = _REVISION.search(_read(toplevel / "sw/bin/nixos-version"))
    try:
        return str(json.loads(found[1])) if found else ""
    except ValueError:
        return ""


def _names(directory: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(directory)))  # noqa: PTH208 - names, 200 times a call
    except OSError:
        return ()


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
