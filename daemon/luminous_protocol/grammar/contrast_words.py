"""The small words by which a sentence says what is not meant beside what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.phrases import Phrases
from luminous_protocol.grammar.tables import phrases
from luminous_protocol.grammar.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping


class ContrastWords:
    """The word lists of contrasts."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """Take the table of the data file."""
        self.corrections = Phrases(lambda: phrases(table["corrections"]))
        self.instead = Phrases(lambda: phrases(table["instead"]))
        self.prohibiting = Phrases(lambda: phrases(table["prohibiting"]))
        self.staying = Phrases(lambda: phrases(table["staying"]))
        self.nots = _words(table["nots"])
        self.alternatives = _words(table["alternatives"])
        self.keeping = _words(table["keeping"])
        self.whatever = _words(table["whatever"])
        self.turning = _words(table["turning"])
        firsts = (*self.corrections.firsts, *self.instead.firsts, *self.nots, *self.keeping)
        self.signs = frozenset({*firsts, "never"})
        """No sentence without one of these has a contrast in it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, phrases(text)))
