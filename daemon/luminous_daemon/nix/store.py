"""The Nix store: building with progress, what a build would do, closures and garbage."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.store_names import split_version, store_name
from luminous_daemon.nix.builder import builder_of
from luminous_daemon.nix.closures import Closures
from luminous_daemon.nix.command import Command, run
from luminous_daemon.nix.progress import LogReader
from luminous_protocol.errors import BuildFailed, Internal
from luminous_protocol.plan import Closure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.core.ports import PathChange
    from luminous_daemon.settings import Settings
    from luminous_protocol.transaction import Progress

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_DOWNLOAD = re.compile(r"\(([\d.]+) ([KMGT]?i?B) download")
_UNPACKED = re.compile(r"([\d.]+) ([KMGT]?i?B) unpacked")
_NAMED = 200
"""Paths to be fetched that are named; an update can bring thousands."""
_FREED = re.compile(r"([\d.]+) ([KMGT]?i?B) freed")
_FAILED_BUILD = re.compile(r"(/nix/store/[a-z0-9]{32}-[^'\s]+\.drv)")
_OUTPUTS = re.compile(r"-(?:bin|dev|doc|info|lib|man|out)$")


@dataclass(slots=True)
class _Foreseen:
    """What a dry run says; sizes are in bytes."""

    builds: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    download: int = 0
    unpacked: int = 0


class NixStore:
    """Asks `nix-store`."""

    def __init__(self, settings: Settings) -> None:
        """Build as the user that `settings` names."""
        self._settings = settings
        self._closures = Closures()

    async def build(self, derivation: str, progress: Callable[[Progress, str], None]) -> str:
        """Build `derivation`; return the path of its output."""
        reader = LogReader()

        def on_line(line: str) -> None:
            shown = reader.feed(line)
            progress(reader.progress, shown)

        argv = ("nix-store", "--realise", derivation, "--log-format", "internal-json")
        outcome = await run(Command(argv, user=builder_of(self._settings)), on_line)
        if outcome.status != 0:
            raise build_failed(reader)
        return outcome.output.strip().splitlines()[-1]

    async def preview(
        self, derivation: str, toplevel: str, base: str, change: PathChange
    ) -> Closure:
        """Say what building `derivation` would do, against the closure of `base`."""
        if built := await self._closures.of(toplevel):
            before, after = await self.closure_size(base), _total(built)
            return Closure(before=before, after=after, estimate=after)
        argv = ("nix-store", "--realise", "--dry-run", derivation)
        outcome, sizes = await asyncio.gather(
            run(Command(argv, user=builder_of(self._settings))), self._estimate(base, change)
        )
        foreseen = _read_dry_run(outcome.errors)
        before, difference = sizes
        return Closure(
            before=before,
            estimate=max(before + difference + foreseen.unpacked, 0),
            builds=tuple(foreseen.builds),
            fetches=len(foreseen.fetches),
            fetched=tuple(sorted(foreseen.fetches)[:_NAMED]),
            download=foreseen.download,
            unpacked=foreseen.unpacked,
        )

    async def closure_size(self, path: str) -> int:
        """Return the size of `path`'s closure in bytes; -1 when it is not in the store."""
        return _total(await self._closures.of(path))

    async def exclusive_size(self, paths: Sequence[str], others: Sequence[str]) -> int:
        """Return the bytes that the closures of `paths` hold and those of `others` do not."""
        own, shared = await asyncio.gather(
            self._closures.joined(paths), self._closures.joined(others)
        )
        return _without(own, shared)

    async def _estimate(self, base: str, change: PathChange) -> tuple[int, int]:
        """Return the size of `base`'s closure, and by how much packages in the store change it."""
        present = [path for path in change.after - change.before if Path(path).exists()]
        gone = sorted(change.before - change.after)
        closures = self._closures
        closure, added, removed, kept = await asyncio.gather(
            closures.of(base),
            closures.joined(present),
            closures.joined(gone),
            closures.joined(sorted(change.before & change.after) if gone else ()),
        )
        return _total(closure), _without(added, closure) - _without(removed, kept)

    async def packages_of(
        self, toplevel: str, also: frozenset[str] = frozenset()
    ) -> Mapping[str, str]:
        """Return name and version of what stands in `toplevel`'s system path.

        A package that puts no file there leaves no trace: those of `also` count where the system
        needs them, or another output of one that holds nothing.
        """
        # By its own path: nix-store takes a path inside of another for the outer one.
        system_path = os.path.realpath(f"{toplevel}/sw")
        outcome = await run(Command(("nix-store", "--query", "--references", system_path)))
        needed = await self._closures.of(toplevel) if also else {}
        names = set(map(_package_in, needed))
        unseen = (
            path
            for path in also
            if path in needed or (_package_in(path) in names and _is_hollow(path))
        )
        return dict(split_version(_package_in(path)) for path in (*outcome.output.split(), *unseen))

    async def collect_garbage(self) -> int:
        """Delete what no root needs; return the bytes freed."""
        outcome = await run(Command(("nix-store", "--gc")))
        if outcome.status != 0:
            raise Internal("Nix could not collect garbage: " + " ".join(outcome.errors[-3:]))
        found = _FREED.search("\n".join((outcome.output, *outcome.errors)))
        return _bytes(found) if found else 0


def _package_in(path: str) -> str:
    """Return the name of the package, with its version, that a store path is an output of."""
    return _OUTPUTS.sub("", store_name(path))


def _is_hollow(path: str) -> bool:
    """Tell whether a path of the store is a folder without anything that a system could link."""
    try:
        return {item.name for item in Path(path).iterdir()} <= {"nix-support"}
    except OSError:
        return False


def _total(closure: Mapping[str, int]) -> int:
    """Return the bytes of a closure; -1 for one that is not in the store."""
    return sum(closure.values()) if closure else -1


def _without(closure: Mapping[str, int], other: Mapping[str, int]) -> int:
    """Return the bytes of the paths that are in `closure` only."""
    return sum(size for path, size in closure.items() if path not in other)


def build_failed(reader: LogReader) -> BuildFailed:
    """Return the error for a failed build: which derivation, and the last lines of its log."""
    for error in reader.errors:
        found = _FAILED_BUILD.search(error.message)
        if found:
            derivation = found[1]
            log = reader.log_of(derivation)
            return BuildFailed(
                f"{store_name(derivation)} does not build. Nothing was changed. "
                f"The whole log: nix-store --read-log {derivation}",
                {"derivation": derivation, "log": log or error.message.splitlines()[-10:]},
            )
    lines = [line for error in reader.errors for line in error.message.splitlines()]
    shown = (lines or reader.other)[-10:]
    return BuildFailed("The system does not build. Nothing was changed.", {"log": shown})


def _read_dry_run(lines: tuple[str, ...]) -> _Foreseen:
    """Read what `--dry-run` says. It has no other form than this text, in all versions of Nix."""
    foreseen = _Foreseen()
    section = ""
    for line in lines:
        if "will be built" in line:
            section = "build"
        elif "will be fetched" in line:
            section = "fetch"
            download, unpacked = _DOWNLOAD.search(line), _UNPACKED.search(line)
            foreseen.download = _bytes(download) if download else 0
            foreseen.unpacked = _bytes(unpacked) if unpacked else 0
        elif line.startswith("  /nix/store/"):
            if section == "build":
                foreseen.builds.append(store_name(line.strip()))
            elif section == "fetch":
                foreseen.fetches.append(store_name(line.strip()))
    return foreseen


def _bytes(found: re.Match[str]) -> int:
    return int(float(found[1]) * _UNITS.get(found[2], 1))
