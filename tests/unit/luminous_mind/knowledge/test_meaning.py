"""The dense parts of an index: made beside it, and grown out of those of the one before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.ingest.pipeline import Harvest, Helpers, Pipeline
from luminous_mind.knowledge.dense import DenseIndex
from luminous_mind.knowledge.documents import PACKAGE, Document
from luminous_mind.knowledge.index import Index, clear_dense, dense_folder
from luminous_mind.knowledge.vectors import VectorCache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MANY = 2400
"""More than are looked at one by one, so that there are links."""


@dataclass
class Hashing:
    """Encodes a text as whatever its hash says, and remembers how many it was given."""

    dimensions: int = 16
    digest: str = "hashing"
    given: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors."""
        self.given += texts
        seeds = [
            int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") for text in texts
        ]
        found = np.array([np.random.default_rng(seed).normal(size=16) for seed in seeds])
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit.astype(np.float32)


def indexed(folder: Path, documents: list[Document], cache: VectorCache, older: str) -> Index:
    """Index documents, with their dense parts."""
    pipeline = Pipeline(folder, helpers=Helpers(vectors=cache, older=older))
    pipeline.index({"all": Harvest(documents)}, 1)
    return Index.open(folder)


def opened(folder: Path, index: Index) -> DenseIndex:
    """Open the dense part."""
    return DenseIndex.open(dense_folder(folder, index.digest) / PACKAGE)


def test_only_what_is_new_is_encoded_and_linked(tmp_path: Path) -> None:
    documents = [
        Document(f"package:p{number}", PACKAGE, f"p{number}", f"About {number}.")
        for number in range(MANY)
    ]
    encoder = Hashing()
    with VectorCache.open(tmp_path / "vectors", encoder) as cache:
        before = indexed(tmp_path / "index", documents, cache, "-")
        first = opened(tmp_path / "index", before)
        encoder.given.clear()
        documents[7] = replace(documents[7], text="Something else.")
        after = indexed(tmp_path / "index", documents, cache, before.digest)
    grown = opened(tmp_path / "index", after)
    assert encoder.given == ["p7: Something else."]
    assert first.parts.links
    assert grown.parts.links
    assert np.array_equal(first.parts.links.directions, grown.parts.links.directions)
    assert len(grown.parts.links.nodes) == MANY + 1
    clear_dense(tmp_path / "index")
    assert [item.name for item in (tmp_path / "index").glob("dense-*")] == [
        dense_folder(tmp_path, after.digest).name
    ]


def test_vectors_that_no_text_has_any_more_do_not_pile_up(tmp_path: Path) -> None:
    with VectorCache.open(tmp_path / "vectors", Hashing()) as cache:
        for step in range(4):
            documents = [
                Document(f"package:{number}", PACKAGE, f"{number}", f"Step {step}.")
                for number in range(20)
            ]
            indexed(tmp_path / "index", documents, cache, "-")
            assert len(cache) <= 40
