"""Clauses: taking politeness off a request, and cutting a sentence into its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary

_MOST_SEGMENTS = 32


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A clause without its politeness; `is_polite` when that was a polite question or a please.

    `is_asking` when it was a question like "can you", which nothing but a request can follow.
    """

    clause: Clause
    is_polite: bool
    is_asking: bool


def trim(clause: Clause, vocabulary: Vocabulary) -> Iterator[Trimmed]:
    """Yield the clause as it stands, then with ever more politeness taken off."""
    words = clause.words
    end = tail(words, vocabulary)
    is_polite = any(word in vocabulary.courtesies for word in words)
    start, is_asking = 0, False
    while start < end:
        yield Trimmed(clause.part(start, len(words)), is_polite, is_asking)
        if end < len(words):
            yield Trimmed(clause.part(start, end), is_polite, is_asking)
        asked = vocabulary.asking.lengths(words, start)
        length = max([*asked, *vocabulary.leads.lengths(words, start)], default=0)
        if not length and words[start] in vocabulary.courtesies | {","}:
            length = 1
        if not length:
            return
        is_asking = is_asking or length in asked
        is_polite = is_polite or is_asking
        start += length


def is_only_politeness(clause: Clause, vocabulary: Vocabulary) -> bool:
    """Say whether nothing is left when politeness is taken off."""
    rest = clause
    for trimmed in trim(clause, vocabulary):
        rest = trimmed.clause
    left = max(vocabulary.leads.lengths(rest.words, 0), default=0) if len(rest) else 0
    return left == len(rest) or tail(rest.words, vocabulary) == 0


def tail(words: tuple[str, ...], vocabulary: Vocabulary) -> int:
    """Return where the politeness at the end begins."""
    backwards = words[::-1]
    at = 0
    while at < len(words):
        length = 1 if at and backwards[at] in {",", "."} else 0
        length = max([length, *vocabulary.endings.lengths(backwards, at)])
        if not length:
            break
        at += length
    return len(words) - at


def reason(clause: Clause, vocabulary: Vocabulary, least: int = 2) -> int:
    """Return where the clause, after `least` words, begins to say why, or its length."""
    for at in range(least, len(clause)):
        if vocabulary.reasons.lengths(clause.words, at):
            return at
    return len(clause)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch between two separators: its place in the sentence."""

    start: int
    end: int


def segments(clause: Clause, vocabulary: Vocabulary) -> list[Segment]:
    """Cut a sentence at every word that could stand between two requests."""
    found: list[Segment] = []
    words = clause.words
    start = at = 0
    while at < len(words):
        length = 1 if _is_separator(words[at], vocabulary) else 0
        length = max([length, *vocabulary.cuts.lengths(words, at)])
        if words[at] == "so" and vocabulary.loose.begins_order(words[at + 1 :]):
            length = 1  # "I have no editor so install vim"
        if length:
            if at > start:
                found.append(Segment(start, at))
            start = at + length
        at += length or 1
    if start < len(words):
        found.append(Segment(start, len(words)))
    return found[: _MOST_SEGMENTS + 1]


def _is_separator(word: str, vocabulary: Vocabulary) -> bool:
    # "i" joins names in Polish and Russian, but in English it begins a sentence
    return word in {"!", "?"} or (word in vocabulary.joiners and word != "i")


def are_too_many(found: list[Segment]) -> bool:
    """Say whether a sentence has more stretches than anybody asks for at once."""
    return len(found) > _MOST_SEGMENTS
