"""Spelling: the everyday word that somebody meant who typed none."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORTEST = 4
_LONG = 7


class Spelling:
    """Words of everyday language, whose misspellings are known by their distance."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take words in small letters."""
        self._words = sorted({word for word in words if len(word) >= _SHORTEST})
        self.mended = lru_cache(maxsize=4000)(self._mended)

    def _mended(self, word: str) -> str:
        """Return the word that is one typing error away, or two from a long one; or nothing.

        Two letters that changed places are one error. The first letter is seldom missed, so a word
        with another one is none.
        """
        if len(word) < _SHORTEST:
            return ""
        allowed = 1 if len(word) < _LONG else 2
        found = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed)
        near = [(distance, other) for other, distance, _ in found if other[0] == word[0]]
        return min(near, default=(0, ""))[1]
