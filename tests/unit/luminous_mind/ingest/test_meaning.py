"""The dense parts are made beside the rest of an index, and go where that cannot be made."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from luminous_mind.ingest.meaning import DenseParts
from luminous_mind.knowledge.dense import DenseIndex
from luminous_mind.knowledge.documents import NOTE, PACKAGE, Document
from luminous_mind.knowledge.vectors import VectorCache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from luminous_protocol.indexing import IndexStep

DOCUMENTS = [
    *(Document(f"package:{name}", PACKAGE, f"{name}", "A tool.") for name in range(600)),
    Document("note:one", NOTE, "one", "A note."),
]


class Encoding:
    """Encodes every text as the same vector, once it may."""

    dimensions = 4
    digest = "the same"

    def __init__(self) -> None:
        """Wait for nothing at first."""
        self.may, self.given = Event(), 0
        self.may.set()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors."""
        self.may.wait()
        self.given += len(texts)
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def test_each_kind_has_its_part_under_the_name_that_is_given(tmp_path: Path) -> None:
    steps: list[IndexStep] = []
    with VectorCache.open(tmp_path / "vectors", Encoding()) as cache:
        dense = DenseParts(tmp_path / "index", cache, steps.append)
        with dense.begun(DOCUMENTS, tmp_path / "none"):
            dense.publish(tmp_path / "index/dense-1")
    assert [
        len(DenseIndex.open(tmp_path / "index/dense-1" / kind)) for kind in (PACKAGE, NOTE)
    ] == [
        600,
        1,
    ]
    assert [item.name for item in (tmp_path / "index").iterdir()] == ["dense-1"]


def test_nothing_is_told_of_it_until_somebody_waits_for_it(tmp_path: Path) -> None:
    steps: list[IndexStep] = []
    encoder = Encoding()
    encoder.may.clear()
    with VectorCache.open(tmp_path / "vectors", encoder) as cache:
        dense = DenseParts(tmp_path, cache, steps.append)
        with dense.begun(DOCUMENTS, tmp_path / "none"):
            assert not steps
            encoder.may.set()
            dense.publish(tmp_path / "dense-1")
    assert steps[-1].phase.startswith("linking texts")


def test_it_ends_soon_where_the_rest_of_the_index_cannot_be_made(tmp_path: Path) -> None:
    encoder = Encoding()
    encoder.may.clear()
    with VectorCache.open(tmp_path / "vectors", encoder) as cache:
        dense = DenseParts(tmp_path / "index", cache, lambda _: None)

        def fail() -> None:
            with dense.begun(DOCUMENTS * 20, tmp_path / "none"):
                encoder.may.set()
                raise OSError("no space left")

        with pytest.raises(OSError, match="no space left"):
            fail()
    assert encoder.given < len(DOCUMENTS) * 20
    assert not [*(tmp_path / "index").iterdir()]
