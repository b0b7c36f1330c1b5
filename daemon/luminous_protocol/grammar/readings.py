"""Readings: what a gap of a pattern was read as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_protocol.grammar.text import Clause


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gap was read as: slots, how sure that is, and a remark when something was repaired.

    `other` holds the slots of a second possible reading.
    """

    slots: Mapping[str, str]
    certainty: float = 1.0
    remark: str = ""
    other: Mapping[str, str] = field(default_factory=dict)


Readings = tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class SlotWords:
    """Small words that slot parsers look past or stop at."""

    articles: frozenset[str]
    joiners: frozenset[str]
    vocabulary: frozenset[str]
    me: frozenset[str]
    adjectives: frozenset[str]

    def bare(self, clause: Clause) -> Clause:
        """Return the clause without articles at its beginning."""
        start = 0
        while start < len(clause) and clause.words[start] in self.articles:
            start += 1
        return clause.part(start, len(clause))
