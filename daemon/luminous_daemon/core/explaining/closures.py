"""Closures as graphs: who brings a path in, by the shortest way, and what goes with it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from luminous_daemon.core.explaining.sights import Requisite

    Graph = Mapping[str, Requisite]


def shortest_chain(graph: Graph, root: str, targets: Collection[str]) -> tuple[str, ...]:
    """Return the shortest way from `root` to one of `targets`, both included; nothing if none."""
    came_from: dict[str, str] = {root: ""}
    waiting = deque([root] if root in graph else [])
    while waiting:
        path = waiting.popleft()
        if path in targets:
            return _way_to(path, came_from)
        for reference in sorted(graph[path].references):
            if reference in graph and reference not in came_from:
                came_from[reference] = path
                waiting.append(reference)
    return ()


def _way_to(path: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    way = []
    while path:
        way.append(path)
        path = came_from[path]
    return tuple(reversed(way))


def needed_by(graph: Graph, start: str, without: str = "") -> set[str]:
    """Return everything that `start` needs, itself too; as if `without` were not there."""
    found: set[str] = set()
    waiting = [start] if start in graph and start != without else []
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [
            reference
            for reference in graph[path].references
            if reference in graph and reference not in found and reference != without
        ]
    return found


def users_of(graph: Graph, target: str) -> set[str]:
    """Return everything that needs `target`, directly or not, but for itself."""
    referrers: dict[str, list[str]] = {}
    for path, item in graph.items():
        for reference in item.references:
            referrers.setdefault(reference, []).append(path)
    found: set[str] = set()
    waiting = [target]
    while waiting:
        for referrer in referrers.get(waiting.pop(), ()):
            if referrer not in found and referrer != target:
                found.add(referrer)
                waiting.append(referrer)
    return found


def size_of(graph: Graph, paths: Collection[str]) -> int:
    """Return the bytes of these paths together."""
    return sum(graph[path].size for path in paths)
