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
_REMEMBERED = 2
"""The system that runs and the one that is about to: a closure may have thousands of paths."""


class Closures:
    """Asks `nix path-info`."""

    def __init__(self) -> None:
        self._kept: dict[str, Mapping[str, int]] = {}

    async def of(self, path: str) -> Mapping[str, int]:
        """Return the closure of one path, which is asked for again and again; see `joined`."""
        if not path or not os.path.lexists(path):
            return {}
        known = self._kept.get(path)
        if known is None:
            known = await self.joined([path])
            if known:  # a path that is being built may be there, and not be in the store yet
                while len(self._kept) >= _REMEMBERED:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[path] = known
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
