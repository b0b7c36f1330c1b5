"""Meaning: documents whose sentences are near a query's, whatever their words.

The encoder is loaded beside the first searches, which are answered without it.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING

from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.knowledge.index import dense_folder
from luminous_mind.memory import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from luminous_mind.knowledge.dense import DenseIndex
    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.index import Index

    Vector = NDArray[np.float32]
    Encode = Callable[[Sequence[str]], Vector]

_log = logging.getLogger("luminous-mind")
_NEAREST = 48
# Of unrelated sentences the cosine is below the one, of the same in other words above the other.
_UNRELATED, _SAME = 0.25, 0.75
_TEXT = 1000
_QUERIES = 64


def text_of(document: Document) -> str:
    """Return what of a document is encoded: its name and the beginning of its text."""
    gloss = f" ({document.gloss})" if document.gloss else ""
    return f"{document.title or document.name}{gloss}: {document.text[:_TEXT]}"


class Meaning:
    """The encoder and the dense parts of an index."""

    def __init__(self, load: Callable[[], tuple[Mapping[str, DenseIndex], Encode]]) -> None:
        """Search what `load` gives, which takes its time: indexes by kind, and the encoder."""
        self._indexes: Mapping[str, DenseIndex] = {}
        self._encode: Encode | None = None
        self.state = "the encoder is being loaded"
        self._vectors: dict[str, Vector] = {}
        self._beside = ThreadPoolExecutor(1, "meaning")
        self.loading = Thread(target=self._load, args=(load,), daemon=True)
        self.loading.start()

    @classmethod
    def of(cls, index: Index, folder: Path, encoder: Path) -> Meaning:
        """Open the dense parts that belong to an index; what is not there does not count."""
        folders = {kind: dense_folder(folder, index.digest) / kind for kind in index.kinds}
        return cls(lambda: (_open_all(folders), _open_encoder(encoder)))

    def begin(self, kind: str, text: str) -> Callable[[], list[tuple[int, float]]]:
        """Begin to look for what is near, beside everything else; return what waits for it."""
        if self._encode is None:
            return list
        return self._beside.submit(self.nearest, kind, text).result

    def nearest(self, kind: str, text: str) -> list[tuple[int, float]]:
        """Return rows whose meaning is near, and how near each is (0 to 1)."""
        index = self._indexes.get(kind)
        if index is None or self._encode is None:
            return []
        if text not in self._vectors:
            self._vectors[text] = self._encode([text])[0]
            if len(self._vectors) > _QUERIES:
                self._vectors.pop(next(iter(self._vectors)))
        positions, cosines = index.nearest(self._vectors[text], _NEAREST)
        near = (cosines - _UNRELATED) / (_SAME - _UNRELATED)
        return [
            (int(row), float(min(likeness, 1.0)))
            for row, likeness in zip(positions, near, strict=True)
            if likeness > 0
        ]

    def _load(self, load: Callable[[], tuple[Mapping[str, DenseIndex], Encode]]) -> None:
        try:
            self._indexes, self._encode = load()
        except (ArtefactUnusable, ImportError) as error:
            self.state = f"there is no encoder: {error}"
            _log.warning("nothing is searched by meaning: %s", error)
        else:
            self.state = "on" if self._indexes else "nothing is indexed by meaning yet"
            settle()


def _open_all(folders: Mapping[str, Path]) -> Mapping[str, DenseIndex]:
    """Open the dense parts by kind, but those that cannot be used."""
    indexes = {}
    for kind, folder in folders.items():
        try:
            indexes[kind] = _open_dense(folder)
        except ArtefactUnusable as error:
            _log.warning("%ss are not searched by meaning: %s", kind, error)
    return indexes


def _open_dense(folder: Path) -> DenseIndex:
    from luminous_mind.knowledge.dense import DenseIndex

    return DenseIndex.open(folder)


def _open_encoder(folder: Path) -> Encode:
    from luminous_mind.engine.encoder import open_shared

    return open_shared(folder).encode
