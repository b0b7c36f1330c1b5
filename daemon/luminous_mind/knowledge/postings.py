"""Lexical retrieval: BM25F over fields of different weight.

The formula is that of Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple Weighted
Fields" (CIKM 2004), with BM25's idf in the form that is never negative. What a term adds to a
document does not depend on the query, so it is worked out when the index is made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.knowledge.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

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

    @classmethod
    def of(
        cls, documents: Sequence[Mapping[str, Sequence[str]]], fields: Mapping[str, Field]
    ) -> Postings:
        """Make an index of documents, each the terms of its fields by name."""
        found: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        lengths = {name: _mean_length(documents, name) for name in fields}
        for row, document in enumerate(documents):
            frequencies: dict[str, float] = defaultdict(float)
            for name, field in fields.items():
                terms = document[name]
                length = 1 + field.length_penalty * (len(terms) / lengths[name] - 1)
                for term, times in Counter(terms).items():
                    frequencies[term] += field.weight * times / length
            for term, frequency in frequencies.items():
                rows, weights = found[term]
                rows.append(row)
                weights.append(frequency)
        return cls._joined(found, len(documents))

    @classmethod
    def _joined(cls, found: Mapping[str, tuple[list[int], list[float]]], count: int) -> Postings:
        vocabulary = Vocabulary.of(found)
        words = [vocabulary.word(number) for number in range(len(vocabulary))]
        offsets = np.zeros(len(words) + 1, np.int64)
        np.cumsum([len(found[word][0]) for word in words], out=offsets[1:])
        rows = np.empty(offsets[-1], np.int32)
        impacts = np.empty(offsets[-1], np.float32)
        for number, word in enumerate(words):
            here = slice(offsets[number], offsets[number + 1])
            own_rows, weights = found[word]
            weight = np.array(weights, np.float32)
            idf = _idf(len(own_rows), count)
            rows[here] = own_rows
            impacts[here] = idf * weight * (_SATURATION + 1) / (_SATURATION + weight)
        block = vocabulary.arrays()
        arrays = {
            "block": block["block"],
            "word_offsets": block["offsets"],
            "offsets": offsets,
            "rows": rows,
            "impacts": impacts,
        }
        return cls(arrays, count)

    def arrays(self) -> Arrays:
        """Return everything, by name."""
        return self._arrays

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of each document for weighted terms."""
        total = np.zeros(self._count, np.float32)
        for term, weight in query.items():
            here = self._of(term)
            total[self._rows[here]] += weight * self._impacts[here]
        return total

    def shares(self, terms: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the share of the weighted terms that each document has, in whatever field."""
        total = np.zeros(self._count, np.float32)
        for term, weight in terms.items():
            total[self._rows[self._of(term)]] += weight
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
        low, high = self._arrays["offsets"][number : number + 2]
        return slice(int(low), int(high))


def _mean_length(documents: Sequence[Mapping[str, Sequence[str]]], name: str) -> float:
    """Return the mean length of a field where there is one: many documents may have none."""
    lengths = [len(document[name]) for document in documents if document[name]]
    return sum(lengths) / len(lengths) if lengths else 1.0


def _idf(having: int, count: int) -> float:
    return float(np.log(1 + (count - having + 0.5) / (having + 0.5)))
