"""Features: what a sentence is compared by, its meaning as the encoder has it and its words."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

BUCKETS: Final = 3072
_MEANING, _WORDS = 1.6, 1.0
_LONGEST_GRAM: Final = 5


class SentenceEncoder(Protocol):
    """Makes vectors of unit length of sentences."""

    @property
    def digest(self) -> str:
        """What changes when the vectors do."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one row for each text."""


def features_of(meanings: Matrix, texts: Sequence[str]) -> Matrix:
    """Join the vectors of masked sentences with the words that stand in them."""
    return np.hstack([_MEANING * meanings, _WORDS * _words_of(texts)])


def _words_of(texts: Sequence[str]) -> Matrix:
    found = np.zeros((len(texts), BUCKETS), np.float32)
    for row, text in enumerate(texts):
        for feature in _grams(text):
            found[row, zlib.crc32(feature.encode()) % BUCKETS] += 1
    found = np.sqrt(found)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    unit: Matrix = found / np.maximum(lengths, 1e-6)
    return unit


def _grams(text: str) -> Iterator[str]:
    """Give words, pairs of words, how a sentence begins, and the beginnings of long words."""
    words = text.split()
    yield f"^{' '.join(words[:2])}"
    for word in words:
        yield word
        if len(word) > _LONGEST_GRAM or not word.isascii():
            yield f"{word[:_LONGEST_GRAM]}*"
    for first, second in pairwise(words):
        yield f"{first} {second}"
