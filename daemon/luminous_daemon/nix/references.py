"""References in the store: the closure of a path as a graph, as Nix's database has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.explaining.sights import Requisite
from luminous_daemon.nix.command import Command, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NIX = ("nix", "--extra-experimental-features", "nix-command", "path-info")
_STORE = "/nix/store/"


class StoreReferences:
    """Asks `nix path-info`."""

    async def closure(self, path: str) -> Mapping[str, Requisite]:
        """Return the closure of a path, with who refers to whom."""
        if not path:
            return {}
        outcome = await run(Command((*_NIX, "--recursive", "--json", path)))
        if outcome.status != 0:
            return {}
        return {
            where: Requisite(int(item["narSize"]), tuple(map(_whole, item["references"])))
            for where, item in _items(json.loads(outcome.output))
        }

    async def total(self) -> int:
        """Return the bytes of everything in the store."""
        outcome = await run(Command((*_NIX, "--all", "--size")))
        if outcome.status != 0:
            return -1
        return sum(int(line.split()[1]) for line in outcome.output.splitlines())


def _items(answer: Any) -> Iterable[tuple[str, Any]]:  # noqa: ANN401 - JSON of Nix
    """Yield paths with what is known of them: a list before Nix 2.19, a set by path since."""
    if isinstance(answer, list):
        return ((item["path"], item) for item in answer)
    return ((_whole(path), item) for path, item in answer.items())


def _whole(path: str) -> str:
    return path if path.startswith("/") else _STORE + path
