"""A query as it is looked for: its words, its form as a name, and what its words may also be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_mind.knowledge.terms import (
    LONGEST,
    folded,
    parts,
    query_terms,
    silent,
    stem,
    telling,
    terms,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_mind.knowledge.names import Match, Names
    from luminous_mind.knowledge.postings import Postings
    from luminous_mind.knowledge.spelling import Spelling

_VERSION = re.compile(r"(?<![\w.])\d+(?:\.\d+)+(?![\w.])")
_RARE = 3
_MENDED = 0.9
_MOST_WORDS = 24


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for.

    `stems` are the words that say something and `silent` the others, `whole` is all of it as one
    folded name, `dotted` in small letters; `variants` says of which stem a term may be the right
    spelling or the whole, and how surely.
    """

    text: str
    stems: tuple[str, ...]
    whole: str
    dotted: str
    weights: Mapping[str, float]
    variants: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether it is one word, or one name."""
        return is_single(self.text)


def is_single(text: str) -> bool:
    """Tell whether a query's text is one word, or one name."""
    return len(text.split()) == 1


def said(text: str) -> str:
    """Return what is read of a query's text."""
    return " ".join(text[:LONGEST].split())


def read(text: str, names: Names, postings: Postings, spelling: Spelling) -> Query:
    """Read a query for one kind of documents, with their names and terms."""
    text = said(text)
    unversioned = _VERSION.sub(" ", text).strip() or text
    weights = dict.fromkeys(query_terms(unversioned)[:_MOST_WORDS], 1.0)
    stems = {stem_: stem_ for stem_ in telling(unversioned)[:_MOST_WORDS]}
    variants: dict[str, tuple[str, float]] = {}
    for word in dict.fromkeys(parts(text)[:_MOST_WORDS]):
        frequency = max(map(postings.frequency, (stem(word), word)))
        if frequency >= _RARE:  # no misspelling, and no beginning
            continue
        meant = "" if frequency or names.exactly(word) else spelling.mended(word)
        if meant and stem(word) in stems:
            stems[stem(word)] = stem(meant)
            weights[stem(meant)] = _MENDED
        for match in (*names.beginning_with(word, 6), *names.near(word)):
            for term in dict.fromkeys((stem(match.name), match.name, *terms(match.name))):
                if match.likeness > weights.get(term, 0.0):
                    weights[term] = match.likeness
                    variants[term] = (stems.get(stem(word), stem(word)), match.likeness)
    whole = folded(text)
    return Query(
        text,
        tuple(dict.fromkeys(stems.values())),
        whole,
        text.lower(),
        weights,
        variants,
        tuple(_matches(whole, names)) if whole else (),
        tuple(silent(text)),
    )


def _matches(whole: str, names: Names) -> list[Match]:
    """Return names that the whole query may be; what is a name is no misspelt one."""
    exactly = names.exactly(whole)
    found = [exactly] if exactly else list(names.near(whole))
    return [*found, *names.beginning_with(whole)]
