"""Inputs of a flake: a newer lock file made beside the real one, adopted whole, and taken back.

Lock files have no generations of their own, so those that were in force are kept and numbered, each
flake's in a folder of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_daemon.configuration.plain_file import (
    MAX_BYTES,
    NotAFile,
    read_plain_file,
    replace_file,
)
from luminous_daemon.core.inputs import InputsUpdate
from luminous_daemon.nix.builder import FLAKES, builder_of, flake_environment
from luminous_daemon.nix.candidates import kept_candidate, workshop
from luminous_daemon.nix.command import Command, Outcome, run
from luminous_protocol.errors import InvalidValue, NothingToDo, UpdateFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.configuration.flake import Flake
    from luminous_daemon.settings import Settings

_KEPT = 20
_COPY_SECONDS = 60
_KEPT_BYTES = 64 * 1024
_FOLDER_LENGTH = 16
_UNKNOWN_FLAG = "unrecognised flag '--flake'"
"""What a Nix before 2.19 says: it updates single inputs with `nix flake lock` alone."""


class FlakeInputs:
    """The inputs of this machine's flake, as its lock file has them."""

    words = "inputs"

    def __init__(self, settings: Settings, flake: Flake) -> None:
        """Change the lock file of `flake`; keep those from before in the state directory."""
        self._settings = settings
        self._flake = flake
        self.source = str(flake.directory)
        folder = sha256(self.source.encode()).hexdigest()[:_FOLDER_LENGTH]
        self._kept = settings.state_directory / "locks" / folder

    async def fetch(self, names: Sequence[str]) -> InputsUpdate:
        """Lock the newest of the inputs `names`, or of all, beside the lock file in force."""
        before = self._lock()
        known = _inputs_of(before)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise InvalidValue(
                f"The flake has no input {unknown[0]!r}. Known: {', '.join(known) or 'none'}."
            )
        wanted = [name for name in known if not names or name in names]
        if not wanted:
            raise NothingToDo("The flake has no inputs that could be updated.")
        after = await self._locked_anew(wanted)
        fresh = _inputs_of(after)
        changed = tuple(name for name in wanted if fresh.get(name) != known[name])
        if not changed:
            raise NothingToDo(f"Already up to date: {', '.join(wanted)}.")
        name, lock = f"{sha256(after).hexdigest()}.lock", self._flake.lock
        path = str(kept_candidate(self._settings.runtime_directory, name, after, lock))
        return InputsUpdate((path,), changed, path, self.generation(), self.source)

    async def adopt(self, update: InputsUpdate) -> None:
        """Put newly locked inputs in force."""
        self._write(Path(update.main))

    async def restore(self, generation: int) -> None:
        """Put the inputs of an earlier lock file in force."""
        self._write(self._numbered(generation))

    def generation(self) -> int:
        """Return the number of the lock file in force, which is kept under it; 0 without one."""
        try:
            content = self._lock()
        except UpdateFailed:
            return 0
        numbers = self._numbers()
        for number in reversed(numbers):
            kept = self._numbered(number)
            if kept.read_bytes() == content:
                os.utime(kept)
                return number
        return self._keep(max(numbers, default=0) + 1, content)

    def fingerprint(self, path: str = "") -> str:
        """Return a digest of the lock file at `path`, or of the one in force; empty without one."""
        try:
            content = Path(path).read_bytes() if path else self._lock()
        except UpdateFailed:
            return ""
        return sha256(content).hexdigest()

    def updated(self) -> int:
        """Return when the newest of what is locked was made there where it comes from."""
        try:
            locked = _inputs_of(self._lock()).values()
        except UpdateFailed:
            return 0
        return max((int(item.get("lastModified", 0)) for item in locked), default=0)

    def path_of(self, generation: int) -> str:
        """Return where a lock file is kept; nothing when it is no more."""
        path = self._numbered(generation)
        return str(path) if generation and path.exists() else ""

    def _lock(self) -> bytes:
        try:
            return _read(self._flake.lock)
        except FileNotFoundError:
            raise UpdateFailed(
                f"There is no {self._flake.lock}, so nothing can be updated. Run: nix flake lock "
                f"{self._flake.directory}"
            ) from None

    def _write(self, source: Path) -> None:
        try:
            replace_file(self._flake.lock, source.read_bytes())
        except FileNotFoundError as error:
            raise UpdateFailed(
                f"The lock file cannot be written: there is no {error.filename} any more."
            ) from None

    def _numbered(self, generation: int) -> Path:
        return self._kept / f"{generation}.lock"

    def _numbers(self) -> list[int]:
        found = self._kept.glob("*.lock")
        return sorted(int(path.stem) for path in found if path.stem.isdecimal())

    def _keep(self, number: int, content: bytes) -> int:
        """Keep a lock file under a number, and no more of them than the latest in force."""
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._kept / "unfinished"
        unfinished.write_bytes(content)
        unfinished.chmod(0o644)  # read by the configuration's owner, in whose view it is laid
        unfinished.replace(self._numbered(number))
        by_use = sorted(map(self._numbered, self._numbers()), key=lambda path: path.stat().st_mtime)
        for path in by_use[:-_KEPT]:
            path.unlink()
        return number

    async def _locked_anew(self, names: Sequence[str]) -> bytes:
        """Return the lock file with newer `names`, made by Nix in a copy as the flake's owner."""
        user = builder_of(self._settings)
        with workshop(self._settings.runtime_directory, user) as place:
            files = [str(self._flake.file), str(self._flake.lock)]
            copied = await self._copied(files, place)
            if copied.status == 0:
                copied = await self._update(f"path:{place}", names)
            if copied.status != 0:
                raise UpdateFailed(
                    "The inputs cannot be updated: " + " ".join(copied.errors[-3:]),
                    {"log": list(copied.errors[-10:])},
                )
            return _read(place / self._flake.lock.name)

    async def _copied(self, files: list[str], place: Path) -> Outcome:
        try:
            async with asyncio.timeout(_COPY_SECONDS):
                return await self._as_owner("cp", "--", *files, str(place))
        except TimeoutError:
            raise UpdateFailed(
                f"{' and '.join(files)} could not be read in {_COPY_SECONDS} seconds. "
                "Look whether they are plain files."
            ) from None

    async def _update(self, url: str, names: Sequence[str]) -> Outcome:
        nix = ("nix", *FLAKES, "--option", "tarball-ttl", "0", "flake")
        outcome = await self._as_owner(*nix, "update", *names, "--flake", url)
        if any(_UNKNOWN_FLAG in line for line in outcome.errors):
            flags = [word for name in names for word in ("--update-input", name)]
            outcome = await self._as_owner(*nix, "lock", *flags, url)
        return outcome

    async def _as_owner(self, *argv: str) -> Outcome:
        user = builder_of(self._settings)
        variables = flake_environment(user)
        return await run(Command(argv, user=user, environment=variables, kept=_KEPT_BYTES))


def _read(file: Path) -> bytes:
    """Return a lock file. Raises `UpdateFailed` for what is none, and `FileNotFoundError`."""
    try:
        content = read_plain_file(file)
    except NotAFile as error:
        raise UpdateFailed(f"{file} is {error}, so it was left alone.") from None
    if len(content) > MAX_BYTES:
        raise UpdateFailed(f"{file} is larger than {MAX_BYTES} bytes.")
    return content


def _inputs_of(lock: bytes) -> dict[str, Any]:
    """Return what a lock file locks for each input of the flake itself.

    Left out are inputs that follow another one, and those that lie in the flake's own directory.
    Raises `UpdateFailed` for what is no lock file.
    """
    try:
        nodes = json.loads(lock)["nodes"]
        inputs = nodes["root"].get("inputs", {})
        named = {name: nodes[node] for name, node in inputs.items() if isinstance(node, str)}
        return {
            name: node["locked"]
            for name, node in named.items()
            if not node.get("original", {}).get("path", "/").startswith(".")
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UpdateFailed("flake.lock cannot be read. Run: nix flake lock") from None
