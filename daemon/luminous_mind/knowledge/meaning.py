"""Meaning: documents whose sentences are near a query's, whatever their words.

The encoder is loaded beside the first searches, which are answered without it.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.knowledge.index import dense_folder
from luminous_protocol.indexing import IndexStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from luminous_mind.knowledge.dense import DenseIndex
    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.index import Index
    from luminous_mind.knowledge.vectors import VectorCache

    Vector = NDArray[np.float32]
    Progress = Callable[[IndexStep], None]
    Encode = Callable[[Sequence[str]], Vector]

_log = logging.getLogger("luminous-mind")
_NEAREST = 48
# Of unrelated sentences the cosine is below the one, of the same in other words above the other.
_UNRELATED, _SAME = 0.25, 0.75
_TEXT = 1000
_QUERIES = 64
_SPARE = 2
"""So many vectors are kept for each text: those of before may come back."""


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


def index_meaning(
    index: Index,
    folders: tuple[Path, Path],
    cache: VectorCache,
    progress: Callable[[IndexStep], None],
) -> None:
    """Write the dense parts of an index into the first of two folders. Raises OSError.

    What the parts in the second have in common with them is not linked anew.
    """
    from luminous_mind.knowledge.dense import DenseIndex

    every: list[str] = []
    for kind, track in index.tracks.items():
        texts = [text_of(track.documents[row]) for row in range(len(track.documents))]

        def tell(done: int, count: int, kind: str = kind) -> None:
            progress(IndexStep(f"encoding texts of the kind {kind}", done, count))

        vectors = cache.matrix(texts, tell)
        progress(IndexStep(f"linking texts of the kind {kind}"))
        base = None
        with suppress(ArtefactUnusable):
            base = _open_dense(folders[1] / kind)
        DenseIndex.build(vectors, folders[0] / kind, base)
        every += texts
    if len(cache) > _SPARE * len(every):
        cache.forget_all_but(every)


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
