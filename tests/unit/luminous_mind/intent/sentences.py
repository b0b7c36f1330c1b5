"""Sentences for tests: an encoder that knows words, and a catalogue of two packages."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DIMENSIONS = 64


class WordEncoder:
    """Makes sentences alike that share words."""

    digest = "0123456789abcdef-words"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Count words in buckets, at unit length."""
        found = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                found[row, zlib.crc32(word.encode()) % DIMENSIONS] += 1
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit: NDArray[np.float32] = found / np.maximum(lengths, 1e-6)
        return unit


class TwoPackages:
    """Knows tagsistant and its kin."""

    def package(self, word: str) -> str:
        """Return the attribute of one of the two."""
        return {"tagsistant": "tagsistant", "wordgrinder": "wordgrinder"}.get(word.lower(), "")
