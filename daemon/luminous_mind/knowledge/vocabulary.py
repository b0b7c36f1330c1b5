"""A vocabulary: sorted words in one block of bytes, found by bisection without being unpacked."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

_REMEMBERED = 2048
_LAST = "\U0010ffff"


class Vocabulary:
    """Words in the order of their UTF-8 bytes, each with its number."""

    def __init__(self, block: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        """Read words from `block`; the n-th stands between the n-th and the next of `offsets`."""
        # Views of the same memory: they give bytes and numbers several times sooner than arrays.
        self._block = memoryview(np.ascontiguousarray(block))  # type: ignore[arg-type] # an array is a buffer
        self._offsets = memoryview(np.ascontiguousarray(offsets))  # type: ignore[arg-type] # as above
        self.find = lru_cache(maxsize=_REMEMBERED)(self._find)  # a search asks for a word often

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Make one of words in any order."""
        return cls.of_bytes(word.encode() for word in words)

    @classmethod
    def of_bytes(cls, words: Iterable[bytes]) -> Vocabulary:
        """Make one of words in UTF-8, in any order."""
        encoded = sorted(set(words))
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(word) for word in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def arrays(self) -> Arrays:
        """Return what `__init__` takes, by name."""
        return {"block": np.frombuffer(self._block, np.uint8), "offsets": self.offsets}

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Return where each word begins in the block, and where the last one ends."""
        return np.frombuffer(self._offsets, np.int64)

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        """Return a word as UTF-8."""
        return bytes(self._block[self._offsets[number] : self._offsets[number + 1]])

    def word(self, number: int) -> str:
        """Return a word."""
        return self[number].decode()

    def _find(self, word: str) -> int:
        """Return the number of a word, or -1."""
        encoded = word.encode()
        number = bisect_left(self, encoded)
        return number if number < len(self) and self[number] == encoded else -1

    def beginning_with(self, prefix: str) -> range:
        """Return the numbers of the words that begin so."""
        low = bisect_left(self, prefix.encode())
        return range(low, bisect_left(self, (prefix + _LAST).encode(), low))
