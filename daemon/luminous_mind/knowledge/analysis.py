"""Analysis: the terms of documents as numbers, field by field, kept from one index to the next.

To cut texts into terms takes a third of the time in which an index is made, and of one nixpkgs to
the next most texts are the same. What comes out is the same with and without what was kept.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from luminous_mind.artefact import ArtefactUnusable, Kind, read_artefact, write_artefact
from luminous_mind.knowledge.terms import terms
from luminous_mind.knowledge.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from luminous_mind.artefact import Fact

    Texts = tuple[tuple[str, ...], ...]
    """Of one document: for each field the texts in it."""

_KEPT: Final = Kind(name="analysis", format=1, remedy="It is made anew.")
_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Analysed:
    """Documents as terms: `lengths` by document and field, and `ids` in just that order.

    An id is the place of a term in `words`, which may hold others too.
    """

    words: Sequence[bytes]
    lengths: NDArray[np.int32]
    ids: NDArray[np.int32]


class Analysis:
    """Cuts texts into terms, and knows those that it has cut before."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._numbers: dict[bytes, int] = {}
        self._rows: dict[bytes, tuple[int, int, tuple[int, ...]]] = {}
        self._known = np.zeros(0, np.int32)
        self._used: list[tuple[list[bytes], Analysed]] = []

    @classmethod
    def open(cls, folder: Path, recipe: str) -> Analysis:
        """Take over what the same `recipe` has kept in `folder`, unless it is damaged."""
        analysis = cls()
        with suppress(ArtefactUnusable, OSError, ValueError, KeyError):
            if read_artefact(folder, _KEPT).facts["recipe"] == recipe:
                analysis._take_over(folder)
        return analysis

    def analyse(self, documents: Iterable[Texts], fields: int) -> Analysed:
        """Return the terms of documents, each of which has so many fields."""
        keys, lengths, pieces = [], [], []
        for texts in documents:
            key = _key(texts)
            known = self._rows.get(key)
            if known is None:
                piece, own = self._cut(texts)
            else:
                begin, end, own = known
                piece = self._known[begin:end]
            keys.append(key)
            lengths.append(own)
            pieces.append(piece)
        ids = np.concatenate([np.zeros(0, np.int32), *pieces]).astype(np.int32)
        table = np.array(lengths, np.int32).reshape(-1, fields)
        found = Analysed(list(self._numbers), table, ids)
        self._used.append((keys, found))
        return found

    def save(self, folder: Path, recipe: str) -> None:
        """Keep what was used since the beginning, and nothing else. Raises OSError."""

        def fill(unfinished: Path) -> dict[str, Fact]:
            words = Vocabulary.of_bytes(self._numbers)
            places = {words[number]: number for number in range(len(words))}
            renumbered = np.array([places[word] for word in self._numbers], np.int32)
            empty = np.zeros(0, np.int32)
            lengths = [found.lengths.reshape(-1) for _, found in self._used]
            widths = [np.full(len(keys), found.lengths.shape[1]) for keys, found in self._used]
            ids = np.concatenate([empty, *(found.ids for _, found in self._used)])
            arrays = {
                **words.arrays(),
                "keys": np.frombuffer(
                    b"".join(k for keys, _ in self._used for k in keys), np.uint8
                ),
                "lengths": np.concatenate([empty, *lengths]),
                "widths": np.concatenate([empty, *widths]).astype(np.int8),
                "ids": renumbered[ids] if len(renumbered) else empty,
            }
            for name, array in arrays.items():
                np.save(unfinished / f"{name}.npy", array)
            return {"recipe": recipe}

        write_artefact(folder, _KEPT, fill)

    def _take_over(self, folder: Path) -> None:
        arrays = {file.stem: np.load(file) for file in folder.glob("*.npy")}
        words = Vocabulary(arrays["block"], arrays["offsets"])
        keys, widths = arrays["keys"].tobytes(), arrays["widths"].tolist()
        lengths = arrays["lengths"].tolist()
        rows, field, begin = {}, 0, 0
        for row, width in enumerate(widths):
            own = tuple(lengths[field : field + width])
            end = begin + sum(own)
            rows[keys[row * _KEY_BYTES : (row + 1) * _KEY_BYTES]] = (begin, end, own)
            field, begin = field + width, end
        self._numbers = {words[number]: number for number in range(len(words))}
        self._known, self._rows = arrays["ids"], rows

    def _cut(self, texts: Texts) -> tuple[NDArray[np.int32], tuple[int, ...]]:
        found = [[term for text in field for term in terms(text)] for field in texts]
        numbers = [self._number(term) for field in found for term in field]
        return np.array(numbers, np.int32), tuple(map(len, found))

    def _number(self, term: str) -> int:
        return self._numbers.setdefault(term.encode(), len(self._numbers))


def _key(texts: Texts) -> bytes:
    # Lone surrogates are no text, but they may stand in a source all the same.
    joined = "\2".join("\1".join(field) for field in texts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=_KEY_BYTES).digest()
