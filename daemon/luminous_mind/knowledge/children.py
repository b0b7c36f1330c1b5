"""Children: the options, and the sets of options, that stand directly below a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_mind.knowledge.terms import folded
from luminous_protocol.passages import Child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.index import Track

_MOST = 1000
_ALL = 2**31
_FIRST = re.compile(r"(?:(?:<[^.>]*>|\*)\.)*[^.]+")
"""The first part of a name, with the parts before it that stand for any name."""


def children_of(track: Track, name: str) -> tuple[Child, ...]:
    """Return what is below the name of an option or of a set of options, by name."""
    found: dict[str, Child] = {}
    for document in _inside(track, f"{name}."):
        rest = document.name[len(name) + 1 :]
        match = _FIRST.match(rest)
        first = match[0] if match else rest
        if first == rest:
            type_name = document.facts.get("type", "")
            found[first] = Child(first, type_name, document.text)
        else:
            found.setdefault(first, Child(first))
    return tuple(found[first] for first in sorted(found)[:_MOST])


def _inside(track: Track, prefix: str) -> Iterator[Document]:
    matches = track.names.beginning_with(folded(prefix), _ALL)
    for row in sorted({row for match in matches for row in match.rows}):
        document = track.documents[row]
        if document.name.startswith(prefix):
            yield document
