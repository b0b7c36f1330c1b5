"""Channels: fetching the newest without putting it in force, adopting it, going back."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.inputs import InputsUpdate
from luminous_daemon.nix.builder import builder_of
from luminous_daemon.nix.command import Command, run
from luminous_daemon.nix.progress import LogReader
from luminous_protocol.errors import InvalidValue, NothingToDo, UpdateFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.settings import Settings

_EXPRESSION = Path(__file__).with_name("channels.nix")
_PAIR = 2  # an address and a name, in each line of root's list
_LINK = re.compile(r"-(\d+)-link$")


class Channels:
    """Root's channels, as `nix-channel` keeps them."""

    words = "channels"
    source = ""

    def __init__(self, settings: Settings) -> None:
        """Read the list and change the profile that `settings` names."""
        self._settings = settings

    async def fetch(self, names: Sequence[str]) -> InputsUpdate:
        """Fetch the newest of the channels `names`, or of all."""
        subscribed = self._subscribed()
        unknown = [name for name in names if name not in subscribed]
        if unknown:
            known = ", ".join(subscribed) or "none"
            raise InvalidValue(f"There is no channel {unknown[0]!r} here. Known: {known}.")
        wanted = [name for name in subscribed if not names or name in names]
        if not wanted:
            raise NothingToDo("This machine has no channels, so there is nothing to update.")
        built = await self._build({name: subscribed[name] for name in wanted})
        fresh = {name: path for name, path in built.items() if not self._is_current(name, path)}
        if not fresh:
            raise NothingToDo(f"Already up to date: {', '.join(wanted)}.")
        kept = [self._store_path(name) for name in subscribed if name not in built]
        return InputsUpdate(
            paths=(*built.values(), *(path for path in kept if path)),
            names=tuple(fresh),
            main=built.get(self._main, "") or self._store_path(self._main),
            before=self.generation(),
        )

    async def adopt(self, update: InputsUpdate) -> None:
        """Put fetched channels in force."""
        await self._nix_env("--remove-all", "--install", *update.paths)

    async def restore(self, generation: int) -> None:
        """Go back to an earlier generation of the channels."""
        await self._nix_env("--switch-generation", str(generation))

    def generation(self) -> int:
        """Return the generation of the channels in force; 0 if there is none."""
        try:
            match = _LINK.search(self._settings.channel_profile.readlink().name)
        except OSError:
            return 0
        return int(match[1]) if match else 0

    def fingerprint(self, path: str = "") -> str:
        """Return the store path of the channel with nixpkgs at `path`, or of the one in force."""
        return _holder(Path(path or self._settings.channel_profile) / self._main)

    def updated(self) -> int:
        """Return when the generation of channels in force was made."""
        profile = self._settings.channel_profile
        try:
            return int((profile.parent / profile.readlink()).lstat().st_mtime)
        except OSError:
            return 0

    def path_of(self, generation: int) -> str:
        """Return the store path that holds the channel with nixpkgs in a generation."""
        profile = self._settings.channel_profile
        return _holder(profile.with_name(f"{profile.name}-{generation}-link") / self._main)

    @property
    def _main(self) -> str:
        return Path(self._settings.nixpkgs).name

    def _subscribed(self) -> dict[str, str]:
        try:
            lines = self._settings.channels.read_text().splitlines()
        except OSError:
            return {}
        words = (line.split() for line in lines if not line.lstrip().startswith("#"))
        return {pair[1]: pair[0].rstrip("/") for pair in words if len(pair) == _PAIR}

    def _store_path(self, name: str) -> str:
        return _holder(self._settings.channel_profile / name)

    def _is_current(self, name: str, path: str) -> bool:
        current = os.path.realpath(self._settings.channel_profile / name)
        return current == os.path.realpath(Path(path) / name)

    async def _build(self, channels: dict[str, str]) -> dict[str, str]:
        request = [{"name": name, "url": url} for name, url in channels.items()]
        argv = (
            "nix-build",
            "--no-out-link",
            "--log-format",
            "internal-json",
            "--option",
            "tarball-ttl",
            "0",
            str(_EXPRESSION),
            "--argstr",
            "request",
            json.dumps(request),
        )
        reader = LogReader()
        outcome = await run(Command(argv, user=builder_of(self._settings)), reader.feed)
        if outcome.status != 0:
            log = [line for error in reader.errors for line in error.message.splitlines()]
            raise UpdateFailed(
                "The channels cannot be fetched: " + (log or ["no reason given"])[-1],
                {"log": log[-10:]},
            )
        return dict(zip(channels, outcome.output.split(), strict=True))

    async def _nix_env(self, *arguments: str) -> None:
        profile = str(self._settings.channel_profile)
        outcome = await run(Command(("nix-env", "--profile", profile, *arguments)))
        if outcome.status != 0:
            raise UpdateFailed(
                "The channels cannot be changed: " + " ".join(outcome.errors[-3:]),
                {"log": list(outcome.errors[-10:])},
            )


def _holder(channel: Path) -> str:
    """Return the store path that `channel` lies in: of `/nix/store/…-x/nixos` the first part."""
    real = Path(os.path.realpath(channel))
    return str(real.parent) if real.exists() else ""
