"""Names: found exactly, by their beginning, and with typing errors.

A name that is a few keystrokes away shares most of its trigrams; those that share the most are
measured with the optimal string alignment distance, in which two letters that changed places are
one error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA

from luminous_mind.knowledge.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from luminous_mind.knowledge.vocabulary import Arrays

_MEASURED = 300
_COMMON = 1000
_NEAREST = 6
_REMEMBERED = 256
_SHORTEST = 3
_LONG = 8
_LONGEST = 40
_TOO_LONG = 1000
_GRAMS_OF_AN_ERROR = 4
"""So many trigrams of a name change at most when two letters change places."""


@dataclass(frozen=True, slots=True)
class Match:
    """A name that may be meant, and how like it is to what was asked for (0 to 1)."""

    name: str
    likeness: float
    rows: tuple[int, ...]


class Names:
    """Folded names, the documents that bear them, and how often each is meant."""

    def __init__(self, arrays: Arrays) -> None:
        """Join the arrays of `arrays()`."""
        self._arrays = arrays
        self._vocabulary = Vocabulary(arrays["block"], arrays["word_offsets"])
        self._grams = Vocabulary(arrays["gram_block"], arrays["gram_offsets"])
        self._shared = np.zeros(len(self._vocabulary), np.uint8)  # as in postings
        self.near = lru_cache(maxsize=_REMEMBERED)(self._near)  # asked for a word, and for all

    @classmethod
    def of(cls, bearers: Mapping[str, Iterable[int]], priors: NDArray[np.float32]) -> Names:
        """Make an index of folded names; a name counts as much as its likeliest bearer."""
        names = sorted(bearers)  # which is the order of their bytes too
        vocabulary = Vocabulary.of(names)
        rows = [_likeliest_first(bearers[name], priors) for name in names]
        grams, holder_offsets, holders = _holders_of(names)
        gram_words = Vocabulary.of(grams)
        return cls(
            {
                "block": vocabulary.arrays()["block"],
                "word_offsets": vocabulary.arrays()["offsets"],
                "row_offsets": _offsets(rows),
                "rows": np.array([row for own in rows for row in own], np.int32),
                "priors": priors[[own[0] for own in rows]].astype(np.float32),
                "gram_block": gram_words.arrays()["block"],
                "gram_offsets": gram_words.arrays()["offsets"],
                "holder_offsets": holder_offsets,
                "holders": holders,
            },
        )

    def arrays(self) -> Arrays:
        """Return everything, by name."""
        return self._arrays

    def exactly(self, name: str) -> Match | None:
        """Return the match of a folded name itself."""
        number = self._vocabulary.find(name)
        return self._match(number, 1.0) if number >= 0 else None

    def beginning_with(self, prefix: str, most: int = 12) -> list[Match]:
        """Return names that go on after `prefix`, the likeliest first."""
        if len(prefix) < _SHORTEST:
            return []
        begins = self._vocabulary.beginning_with(prefix)
        numbers = np.arange(begins.start, begins.stop)
        offsets = self._vocabulary.offsets[begins.start : begins.stop + 1]
        lengths = np.diff(offsets).astype(np.float32)
        value = self._arrays["priors"][numbers] - 0.06 * (lengths - len(prefix))
        best = numbers[np.argsort(-value, kind="stable")[:most]]
        found = [self._match(int(number), 0.0) for number in best]
        return [
            Match(item.name, 0.85 * (len(prefix) / len(item.name)) ** 0.4, item.rows)
            for item in found
            if item.name != prefix
        ]

    def _near(self, name: str) -> tuple[Match, ...]:
        """Return names at most one error away, or two from a long one; the nearest first."""
        if not _SHORTEST < len(name) <= _LONGEST:
            return ()
        allowed = 1 if len(name) < _LONG else 2
        found = []
        for number in self._sharing(name, allowed):
            other = self._vocabulary.word(number)
            distance = OSA.distance(name, other, score_cutoff=allowed)
            if 0 < distance <= allowed:
                found.append((self._error(name, other, distance, number), number, distance))
        found.sort()
        best = found[:_NEAREST]
        return tuple(self._match(number, 0.9 - 0.2 * distance) for _, number, distance in best)

    def _error(self, name: str, other: str, distance: int, number: int) -> float:
        """Return how unlikely a typing error is: people seldom miss the first letter."""
        prior = float(self._arrays["priors"][number])
        return distance + 0.4 * (name[0] != other[0]) - 0.3 * min(prior, 3.0)

    def _sharing(self, name: str, errors: int) -> list[int]:
        """Return the numbers of names of such a length that share the most trigrams with one."""
        # An error changes so many of the trigrams at most; the rare ones are held by few names.
        changed = _GRAMS_OF_AN_ERROR * errors
        holding = sorted(map(self._holders, _grams_of(name)), key=len)[: 2 * changed + 1]
        rarest = holding[: changed + 1]
        rarest += [held for held in holding[changed + 1 :] if len(held) < _COMMON]
        shared = self._shared
        shared.fill(0)
        for holders in rarest:
            shared[holders] += 1
        places = np.flatnonzero(shared >= max(1, len(rarest) - changed))
        apart = np.abs(self._lengths[places] - len(name.encode()))
        places = places[apart <= errors]
        found: list[int] = _highest(places, shared, _MEASURED).tolist()
        return found

    def _holders(self, gram: str) -> NDArray[np.int32]:
        """Return the numbers of the names that have a trigram."""
        number = self._grams.find(gram)
        low, high = self._arrays["holder_offsets"][number : number + 2] if number >= 0 else (0, 0)
        found: NDArray[np.int32] = self._arrays["holders"][low:high]
        return found

    @cached_property
    def _lengths(self) -> NDArray[np.int16]:
        """The length of each name, in bytes; nobody's query is near one that is longer."""
        return np.diff(self._vocabulary.offsets).clip(max=_TOO_LONG).astype(np.int16)

    def _match(self, number: int, likeness: float) -> Match:
        low, high = self._arrays["row_offsets"][number : number + 2]
        rows = self._arrays["rows"][low:high].tolist()
        return Match(self._vocabulary.word(number), likeness, tuple(rows))


def _highest(places: NDArray[np.int64], counts: NDArray[np.uint8], most: int) -> NDArray[np.int64]:
    """Return those of the places that have the highest counts; of equal ones the first."""
    if len(places) <= most:
        return places
    order = np.argsort(-counts[places].astype(np.int16), kind="stable")
    return places[order[:most]]


def _grams_of(name: str) -> set[str]:
    padded = f"^{name}$"
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _holders_of(
    names: Sequence[str],
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int32]]:
    """Return all trigrams in order, and for each the numbers of the names that have it.

    A trigram and a name are one number together: sorted, those of one trigram stand together.
    """
    padded = [f"^{name}$" for name in names]
    letters = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32)
    alphabet = np.flatnonzero(np.bincount(letters))
    digits = np.searchsorted(alphabet, letters)
    of_name = np.repeat(np.arange(len(padded)), [len(name) for name in padded])
    begins = np.flatnonzero(of_name[:-2] == of_name[2:])
    base, count = len(alphabet), max(1, len(padded))
    codes = (digits[begins] * base + digits[begins + 1]) * base + digits[begins + 2]
    pairs = np.sort(codes * count + of_name[begins])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # a trigram counts once for each name
    first = np.flatnonzero(np.diff(pairs // count, prepend=-1))
    grams = [(gram // base**2, gram // base % base, gram % base) for gram in pairs[first] // count]
    texts = ["".join(chr(alphabet[digit]) for digit in gram) for gram in grams]
    return texts, np.append(first, len(pairs)), (pairs % count).astype(np.int32)


def _likeliest_first(rows: Iterable[int], priors: NDArray[np.float32]) -> list[int]:
    own = list(dict.fromkeys(rows))
    return own if len(own) == 1 else sorted(own, key=lambda row: -priors[row])


def _offsets(groups: list[list[int]]) -> NDArray[np.int64]:
    offsets = np.zeros(len(groups) + 1, np.int64)
    np.cumsum([len(group) for group in groups], out=offsets[1:])
    return offsets
