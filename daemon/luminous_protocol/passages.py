"""Passages: what a search is asked for, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LIMIT = 100
"""So many passages one search finds at most."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for `query` among passages of these kinds; of all, when none is named."""

    query: str
    kinds: tuple[str, ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing found: an "option", a "package", a section of a "manual" or a "note".

    `source` is the file that it comes from, with `line` from 1 (0: as a whole); `address` is where
    a person reads on. A higher `score` is a better answer to the same query; `why` says in words
    what matched.
    """

    id: str
    kind: str
    title: str
    text: str
    source: str
    line: int
    address: str
    score: float
    why: tuple[str, ...]
