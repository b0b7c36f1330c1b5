"""Closures: what paths in the store need, with sizes; what was asked last is remembered.

Nothing in the store ever changes what it needs, so an answer stays right while the path exists.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from luminous_daemon.nix.command import Command, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Lists a closure and its sizes at once, where nix-store needs a process for each of the two.
_LIST = ("nix", "--extra-experimental-features", "nix-command", "path-info", "-r", "-s")
_REMEMBERED = 3
"""The system that runs, the one that is about to and the one before: closures are large."""


class Closures:
    """Asks `nix path-info`."""

    def __init__(self) -> None:
        self._kept: dict[str, Mapping[str, int]] = {}

    async def of(self, path: str) -> Mapping[str, int]:
        """Return the closure of one path, which is asked for again and again; see `joined`."""
        if not path or not os.path.lexists(path):
            return {}
        known = self._kept.pop(path, None) or await self.joined([path])
        if known:  # a path that is being built may be there, and not be in the store yet
            self._kept[path] = known  # as the last to go
            while len(self._kept) > _REMEMBERED:
                del self._kept[next(iter(self._kept))]
        return known

    @staticmethod
    async def joined(paths: Sequence[str]) -> Mapping[str, int]:
        """Return the bytes of each path in the closures of `paths`; nothing if one is absent."""
        if not paths:
            return {}
        outcome = await run(Command((*_LIST, *paths)))
        if outcome.status != 0:
            return {}
        lines = (line.split() for line in outcome.output.splitlines())
        return {path: int(size) for path, size in lines}
