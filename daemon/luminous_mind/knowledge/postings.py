"""Lexical retrieval: BM25F over fields of different weight.

The formula is that of Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple Weighted
Fields" (CIKM 2004), with BM25's idf in the form that is never negative. What a term adds to a
document does not depend on the query, so it is worked out when the index is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.knowledge.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from luminous_mind.knowledge.analysis import Analysed
    from luminous_mind.knowledge.vocabulary import Arrays

_SATURATION = 1.2


@dataclass(frozen=True, slots=True)
class Field:
    """How much a field counts, and how far its length is held against it (BM25's b, 0 to 1)."""

    weight: float
    length_penalty: float


class Postings:
    """For each term the documents that have it, and what it adds to the score of each."""

    def __init__(self, arrays: Arrays, count: int) -> None:
        """Join the arrays of `arrays()`, over `count` documents."""
        self._arrays, self._count = arrays, count
        self._vocabulary = Vocabulary(arrays["block"], arrays["word_offsets"])
        self._rows, self._impacts = arrays["rows"], arrays["impacts"]
        self._offsets = memoryview(np.ascontiguousarray(arrays["offsets"]))  # type: ignore[arg-type] # as in vocabulary
        # Used again and again: new memory for so many costs more than the sum.
        self._total = np.zeros(count, np.float32)

    @classmethod
    def of(cls, documents: Analysed, fields: Sequence[Field]) -> Postings:
        """Make an index of documents, whose fields count as `fields` say."""
        count = len(documents.lengths)
        terms, rows, weights = _frequencies(documents, fields)
        used, numbers = np.unique(terms, return_inverse=True)
        words = [documents.words[number] for number in used]
        order = sorted(range(len(words)), key=words.__getitem__)
        places = np.empty(len(words), np.int64)
        places[order] = np.arange(len(words))
        by_word = np.lexsort((rows, places[numbers]))
        having = np.bincount(places[numbers], minlength=len(words))
        offsets = np.concatenate([[0], np.cumsum(having)]).astype(np.int64)
        weight = weights[by_word].astype(np.float32)
        rarity = {number: _idf(number, count) for number in set(having.tolist())}
        idf = np.array([rarity[number] for number in having.tolist()], np.float32)
        block = Vocabulary.of_bytes(words).arrays()
        arrays = {
            "block": block["block"],
            "word_offsets": block["offsets"],
            "offsets": offsets,
            "rows": rows[by_word].astype(np.int32),
            "impacts": np.repeat(idf, having) * weight * (_SATURATION + 1) / (_SATURATION + weight),
        }
        return cls(arrays, count)

    def arrays(self) -> Arrays:
        """Return everything, by name."""
        return self._arrays

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of each document for weighted terms; the next call overwrites it."""
        total = self._total
        total.fill(0)
        for term, weight in query.items():
            here = self._of(term)
            total[self._rows[here]] += weight * self._impacts[here]
        return total

    def shares(self, terms: Mapping[str, float], rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the share of the weighted terms that each of these documents has, in any field."""
        total = np.zeros(len(rows), np.float32)
        for term, weight in terms.items():
            own = self._rows[self._of(term)]  # in ascending order
            places = np.searchsorted(own, rows)
            places[places == len(own)] = -1
            if len(own):
                total[own[places] == rows] += weight
        return total / max(sum(terms.values()), 1e-9)

    def frequency(self, term: str) -> int:
        """Return how many documents have a term."""
        here = self._of(term)
        return int(here.stop - here.start)

    def rarity(self, term: str) -> float:
        """Return a term's idf, which is that of the rarest for one that is unknown."""
        return _idf(max(1, self.frequency(term)), self._count)

    def _of(self, term: str) -> slice:
        number = self._vocabulary.find(term)
        if number < 0:
            return slice(0, 0)
        return slice(self._offsets[number], self._offsets[number + 1])


def _frequencies(
    documents: Analysed, fields: Sequence[Field]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return terms, documents that have them, and how often, weighed over the fields."""
    lengths = documents.lengths.astype(np.float64)
    # Of a field the mean length where there is one: many documents may have none.
    means = lengths.sum(axis=0) / (lengths > 0).sum(axis=0).clip(1)
    per_field = np.tile(np.arange(len(fields)), len(lengths))
    of_field = np.repeat(per_field, documents.lengths.reshape(-1))
    of_row = np.repeat(np.arange(len(lengths)), documents.lengths.sum(axis=1))
    pairs = documents.ids.astype(np.int64) * max(1, len(lengths)) + of_row
    found, given = [np.zeros(0, np.int64)], [np.zeros(0)]
    for number, field in enumerate(fields):
        keys, times = np.unique(pairs[of_field == number], return_counts=True)
        share = lengths[:, number] / (means[number] or 1.0)
        length = 1 + field.length_penalty * (share - 1)
        found.append(keys)
        given.append(field.weight * times / length[keys % max(1, len(lengths))])
    keys, inverse = np.unique(np.concatenate(found), return_inverse=True)
    weights = np.bincount(inverse, np.concatenate(given), len(keys)).astype(np.float64)
    return keys // max(1, len(lengths)), keys % max(1, len(lengths)), weights


def _idf(having: int, count: int) -> float:
    return float(np.log(1 + (count - having + 0.5) / (having + 0.5)))
