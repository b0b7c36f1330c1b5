"""The dense index: the nearest vectors of some hundred thousand, in well under a millisecond.

Candidates come from an HNSW graph (hnswlib) over vectors reduced to their main directions; the
vectors themselves, in half precision and mapped from the file, put the candidates into order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from luminous_mind.artefact import ArtefactDamaged, Kind, read_artefact, write_artefact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from luminous_mind.artefact import Fact

    Floats = npt.NDArray[np.float32]
    Positions = npt.NDArray[np.int64]
    Matrix = npt.NDArray[np.float16] | npt.NDArray[np.float32]

DENSE_INDEX: Final = Kind(name="dense index", format=1, remedy="Index the sources anew.")

_VECTORS: Final = "vectors.f16"
_DIRECTIONS: Final = "directions.f32"
_GRAPH: Final = "graph.hnsw"

_LINKS: Final = 16
_BUILDING_BREADTH: Final = 200
_SEED: Final = 1
_ROWS_AT_ONCE: Final = 4096

# Measured with tests/benchmarks/search_dense.py: recall@10 above 0.99 at every size.
_REDUCED: Final = 128
_BREADTH: Final = 256
_MORE_CANDIDATES: Final = 64
_CANDIDATES_PER_NEIGHBOUR: Final = 4
# Below this many rows looking at all of them is quick, and exact.
_ALL_ROWS: Final = 2048


class _Graph(Protocol):
    def knn_query(
        self, data: Floats, k: int, num_threads: int
    ) -> tuple[npt.NDArray[np.uint64], Floats]: ...
    def set_ef(self, ef: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Parts:
    """What an index is made of; without a graph every row is looked at."""

    vectors: npt.NDArray[np.float16]
    directions: Floats | None = None
    graph: _Graph | None = None


class DenseIndex:
    """An index of unit vectors by their inner product; positions are row numbers."""

    def __init__(self, parts: _Parts) -> None:
        """Use these parts; `open` finds and checks them."""
        self._parts = parts

    @classmethod
    def build(cls, vectors: Matrix, folder: Path) -> Self:
        """Write the index of `vectors`, a matrix of unit rows, to `folder`, and open it.

        The same vectors give the same index. Raises OSError.
        """
        write_artefact(folder, DENSE_INDEX, lambda unfinished: _fill(vectors, unfinished))
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`.

        Raises ArtefactMissing, ArtefactDamaged and ArtefactOutdated: then it is to be built anew.
        """
        facts = read_artefact(folder, DENSE_INDEX).facts
        try:
            return cls(_open_parts(folder, int(facts["rows"]), int(facts["dimensions"])))
        except (KeyError, ValueError, RuntimeError) as error:
            raise ArtefactDamaged(
                f"The dense index in {folder} does not fit together: {error}. {DENSE_INDEX.remedy}"
            ) from error

    def __len__(self) -> int:
        return int(self._parts.vectors.shape[0])

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return int(self._parts.vectors.shape[1])

    def nearest(self, vector: Floats, count: int) -> tuple[Positions, Floats]:
        """Return the row numbers of the `count` nearest vectors and their similarities, best first.

        There are fewer where the index is smaller, and none for a vector of another length.
        """
        query = np.asarray(vector, dtype=np.float32).reshape(-1)
        count = min(count, len(self))
        if count <= 0 or query.size != self.dimensions or not np.isfinite(query).all():
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        candidates = self._candidates(query, count)
        similarities = self._similarities(query, candidates)
        # Stable, and positions ascend among equals: the same question gets the same answer.
        best = np.lexsort((candidates, -similarities))[:count]
        return candidates[best], similarities[best]

    def _candidates(self, query: Floats, count: int) -> Positions:
        """Give rows among which the nearest are; all of them where the graph does not help."""
        parts, wanted = self._parts, _MORE_CANDIDATES + count * _CANDIDATES_PER_NEIGHBOUR
        everything = np.arange(len(self), dtype=np.int64)
        if parts.graph is None or parts.directions is None or wanted * 4 > len(self):
            return everything
        parts.graph.set_ef(max(_BREADTH, wanted))
        try:
            found, _ = parts.graph.knn_query(
                (query @ parts.directions)[None, :], k=wanted, num_threads=1
            )
        except RuntimeError:  # where many vectors are the same, a graph may not reach enough
            return everything
        positions: Positions = found[0].astype(np.int64)
        return positions

    def _similarities(self, query: Floats, positions: Positions) -> Floats:
        similarities = np.empty(len(positions), dtype=np.float32)
        for start in range(0, len(positions), _ROWS_AT_ONCE):
            chosen = self._parts.vectors[positions[start : start + _ROWS_AT_ONCE]]
            similarities[start : start + _ROWS_AT_ONCE] = chosen.astype(np.float32) @ query
        return similarities


def _open_parts(folder: Path, rows: int, dimensions: int) -> _Parts:
    shape = (rows, dimensions)
    if rows == 0:
        return _Parts(np.empty(shape, dtype=np.float16))
    vectors = np.memmap(folder / _VECTORS, dtype=np.float16, mode="r", shape=shape)
    if not (folder / _GRAPH).exists():
        return _Parts(vectors)
    directions = np.fromfile(folder / _DIRECTIONS, dtype=np.float32).reshape(dimensions, -1)
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=directions.shape[1])
    graph.load_index(str(folder / _GRAPH), max_elements=rows)
    return _Parts(vectors, directions, graph)


def _fill(vectors: Matrix, folder: Path) -> dict[str, Fact]:
    rows, dimensions = vectors.shape
    with (folder / _VECTORS).open("wb") as file:
        for chunk in _chunks(vectors):
            file.write(chunk.astype(np.float16).tobytes())
    if rows > _ALL_ROWS:
        directions = _main_directions(vectors)
        directions.tofile(folder / _DIRECTIONS)
        _write_graph(vectors, directions, folder / _GRAPH)
    return {"rows": rows, "dimensions": dimensions}


def _chunks(vectors: Matrix) -> Iterator[Floats]:
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        yield np.asarray(vectors[start : start + _ROWS_AT_ONCE], dtype=np.float32)


def _main_directions(vectors: Matrix) -> Floats:
    """Return the directions along which inner products differ most, as columns.

    They are the first eigenvectors of the matrix of second moments, not of covariances: rows are
    compared by their inner product, which knows no centre.
    """
    moments = np.zeros((vectors.shape[1], vectors.shape[1]), dtype=np.float64)
    for chunk in _chunks(vectors):
        moments += chunk.T @ chunk
    _, directions = np.linalg.eigh(moments)
    return np.ascontiguousarray(directions[:, ::-1][:, :_REDUCED], dtype=np.float32)


def _write_graph(vectors: Matrix, directions: Floats, file: Path) -> None:
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=directions.shape[1])
    graph.init_index(
        max_elements=len(vectors), ef_construction=_BUILDING_BREADTH, M=_LINKS, random_seed=_SEED
    )
    for chunk in _chunks(vectors):
        reduced = chunk @ directions
        # At unit length again: inner products of unequal lengths make poor graphs.
        reduced /= np.maximum(np.linalg.norm(reduced, axis=1, keepdims=True), 1e-9)
        # One thread: the order in which rows are linked is part of the index.
        graph.add_items(reduced, num_threads=1)
    graph.save_index(str(file))
