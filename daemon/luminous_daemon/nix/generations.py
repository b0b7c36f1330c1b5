"""The system profile: its generations, read from the links; changes go through `nix-env`."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.ports import Generation
from luminous_daemon.nix.command import Command, run
from luminous_protocol.errors import Internal

if TYPE_CHECKING:
    from collections.abc import Sequence

CURRENT_SYSTEM = Path("/run/current-system")
BOOTED_SYSTEM = Path("/run/booted-system")


class SystemProfile:
    """The profile whose generations boot."""

    def __init__(self, profile: Path) -> None:
        """Read and change `profile`, for example /nix/var/nix/profiles/system."""
        self._profile = profile
        self._link = re.compile(re.escape(profile.name) + r"-(\d+)-link")

    def generations(self) -> list[Generation]:
        """Return all generations, newest first."""
        running, booted, default = self.running(), self.booted(), self.default()
        found = []
        for entry in os.scandir(self._profile.parent):
            match = self._link.fullmatch(entry.name)
            if match:
                found.append(_generation(entry, int(match[1])))
        found.sort(key=lambda item: item.number, reverse=True)
        current = _number_of(found, running, default)
        # Several generations may be the same system; the one that booted was there by then.
        by_then = [item for item in found if item.date <= _made_at(BOOTED_SYSTEM)] or found
        booted_number = _number_of(by_then, booted, 0)
        return [
            _marked(item, current=current, booted=booted_number, default=default) for item in found
        ]

    def running(self) -> str:
        """Return the toplevel that runs."""
        return _target(CURRENT_SYSTEM)

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


def _number_of(generations: list[Generation], toplevel: str, default: int) -> int:
    """Return the number of the generation that `toplevel` is; the default where several are."""
    numbers = [item.number for item in generations if toplevel and item.toplevel == toplevel]
    return default if default in numbers else max(numbers, default=0)


def _generation(entry: os.DirEntry[str], number: int) -> Generation:
    toplevel = Path(os.path.realpath(entry.path))
    return Generation(
        number=number,
        toplevel=str(toplevel),
        date=int(entry.stat(follow_symlinks=False).st_mtime),
        nixos_version=_read(toplevel / "nixos-version"),
        kernel=kernel_version(toplevel),
        configuration_revision=_revision(toplevel),
        specialisations=_names(toplevel / "specialisation"),
    )


def _marked(item: Generation, *, current: int, booted: int, default: int) -> Generation:
    return Generation(
        **{
            name: getattr(item, name)
            for name in Generation.__dataclass_fields__
            if name[:3] != "is_"
        },
        is_current=item.number == current,
        is_booted=item.number == booted,
        is_default=item.number == default,
    )


def kernel_version(toplevel: Path) -> str:
    """Return the version of a system's kernel: the name of its only modules directory."""
    names = _names(toplevel / "kernel-modules" / "lib" / "modules")
    if names:
        return names[0]
    found = re.search(r"-linux-([^/]+)", os.path.realpath(toplevel / "kernel"))
    return found[1] if found else ""


def _revision(toplevel: Path) -> str:
    text = _read(toplevel / "nixos-version-json") or _read(toplevel / "sw/share/nixos/version.json")
    try:
        return str(json.loads(text).get("configurationRevision") or "") if text else ""
    except (ValueError, AttributeError):
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
