"""The dense index: the nearest vectors of some hundred thousand, in a millisecond or two.

Candidates come from an HNSW graph (hnswlib) over vectors reduced to their main directions; the
vectors themselves, in half precision and mapped from the file, put the candidates into order.
"""

from __future__ import annotations

import hashlib
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
    Halves = npt.NDArray[np.float16]
    Matrix = npt.NDArray[np.float16] | npt.NDArray[np.float32]

DENSE_INDEX: Final = Kind(name="dense index", format=1, remedy="Index the sources anew.")

_VECTORS: Final = "vectors.f16"
_DIRECTIONS: Final = "directions.f32"
_GRAPH: Final = "graph.hnsw"
_NODES: Final = "nodes.i32"

# With 16 and 200, and a breadth of 256, short questions of people, which lie apart from all
# passages, find 0.94 of their ten nearest; passages asked as questions find 0.99.
_LINKS: Final = 32
_BUILDING_BREADTH: Final = 600
_SEED: Final = 1
_ROWS_AT_ONCE: Final = 4096

# Measured with tests/benchmarks/search_dense.py; more of each finds little more.
_REDUCED: Final = 128
_LEAST_BREADTH: Final = 256
_MOST_BREADTH: Final = 600
_ROWS_TO_A_STEP: Final = 300  # one more for so many rows
_MORE_CANDIDATES: Final = 160
_CANDIDATES_PER_NEIGHBOUR: Final = 2
# An index grows out of an older one while this part of both is the same.
_LEAST_IN_COMMON: Final = 0.8
# Below this many rows looking at all of them is quick, and exact.
_ALL_ROWS: Final = 2048


class _Graph(Protocol):
    def add_items(self, data: Floats, ids: Positions, num_threads: int) -> None: ...
    def knn_query(
        self, data: Floats, k: int, num_threads: int
    ) -> tuple[npt.NDArray[np.uint64], Floats]: ...
    def load_index(self, path: str, max_elements: int) -> None: ...
    def save_index(self, path: str) -> None: ...
    def set_ef(self, ef: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Links:
    """A graph, the directions that its vectors are reduced to, and the row of each node, or -1."""

    graph: _Graph
    directions: Floats
    nodes: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an index is made of; without links every row is looked at."""

    vectors: Halves
    links: Links | None = None


class DenseIndex:
    """An index of unit vectors by their inner product; positions are row numbers."""

    def __init__(self, parts: Parts) -> None:
        """Use these parts; `open` finds and checks them."""
        self.parts = parts

    @classmethod
    def build(cls, vectors: Matrix, folder: Path, base: Self | None = None) -> Self:
        """Write the index of `vectors`, a matrix of unit rows, to `folder`, and open it.

        With an older index as `base`, rows that it holds are not linked again, where most of them
        are the same. The same vectors and base give the same index. Raises OSError.
        """
        older = base.parts if base is not None else None
        write_artefact(folder, DENSE_INDEX, lambda unfinished: _fill(vectors, unfinished, older))
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
        return int(self.parts.vectors.shape[0])

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return int(self.parts.vectors.shape[1])

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
        links, wanted = self.parts.links, _MORE_CANDIDATES + count * _CANDIDATES_PER_NEIGHBOUR
        if links is not None and wanted * 4 <= len(self):
            rows = _linked_rows(links, query, wanted)
            if len(rows) >= count:
                return rows
        return np.arange(len(self), dtype=np.int64)

    def _similarities(self, query: Floats, positions: Positions) -> Floats:
        similarities = np.empty(len(positions), dtype=np.float32)
        for start in range(0, len(positions), _ROWS_AT_ONCE):
            chosen = self.parts.vectors[positions[start : start + _ROWS_AT_ONCE]]
            similarities[start : start + _ROWS_AT_ONCE] = chosen.astype(np.float32) @ query
        return similarities


def _linked_rows(links: Links, query: Floats, wanted: int) -> Positions:
    """Ask the graph; it gives nothing where it reaches too few, as among many equal vectors."""
    breadth = min(_MOST_BREADTH, _LEAST_BREADTH + len(links.nodes) // _ROWS_TO_A_STEP)
    links.graph.set_ef(max(breadth, wanted))
    reduced = (query @ links.directions)[None, :]
    try:
        found, _ = links.graph.knn_query(reduced, k=wanted, num_threads=1)
    except RuntimeError:
        return np.empty(0, dtype=np.int64)
    rows = links.nodes[found[0]].astype(np.int64)
    there: Positions = rows[rows >= 0]
    return there


def _open_parts(folder: Path, rows: int, dimensions: int) -> Parts:
    shape = (rows, dimensions)
    if rows == 0:
        return Parts(np.empty(shape, dtype=np.float16))
    vectors = np.memmap(folder / _VECTORS, dtype=np.float16, mode="r", shape=shape)
    if not (folder / _GRAPH).exists():
        return Parts(vectors)
    directions = np.fromfile(folder / _DIRECTIONS, dtype=np.float32).reshape(dimensions, -1)
    nodes = np.fromfile(folder / _NODES, dtype=np.int32)
    if len(nodes) == 0 or nodes.max() >= rows:
        raise ValueError("nodes without rows")
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=directions.shape[1])
    graph.load_index(str(folder / _GRAPH), max_elements=len(nodes))
    return Parts(vectors, Links(graph, directions, nodes))


def _fill(vectors: Matrix, folder: Path, base: Parts | None) -> dict[str, Fact]:
    rows, dimensions = vectors.shape
    with (folder / _VECTORS).open("wb") as file:
        for chunk in _chunks(vectors):
            file.write(chunk.astype(np.float16).tobytes())
    if rows > _ALL_ROWS:
        halves = np.memmap(folder / _VECTORS, dtype=np.float16, mode="r", shape=vectors.shape)
        links = (base and _grown(halves, base, folder / _GRAPH)) or _linked(halves)
        links.directions.tofile(folder / _DIRECTIONS)
        links.nodes.tofile(folder / _NODES)
        links.graph.save_index(str(folder / _GRAPH))
    return {"rows": rows, "dimensions": dimensions}


def _linked(vectors: Halves) -> Links:
    """Link all rows anew."""
    import hnswlib

    directions = _main_directions(vectors)
    graph = hnswlib.Index(space="ip", dim=directions.shape[1])
    graph.init_index(
        max_elements=len(vectors), ef_construction=_BUILDING_BREADTH, M=_LINKS, random_seed=_SEED
    )
    nodes = np.arange(len(vectors), dtype=np.int32)
    links = Links(graph, directions, nodes)
    _add(links, vectors, first_node=0)
    return links


def _grown(vectors: Halves, base: Parts, file: Path) -> Links | None:
    """Link only what `base` does not hold; None where too little is the same.

    What is gone stays in the graph as a way to others, and stands for no row.
    """
    if base.links is None or base.vectors.shape[1] != vectors.shape[1]:
        return None
    free = _rows_by_content(vectors)
    known = list(_contents(base.vectors))
    held = base.links.nodes
    nodes = np.full(len(held), -1, dtype=np.int32)
    for node in np.flatnonzero(held >= 0):
        rows = free.get(known[held[node]])
        if rows:
            nodes[node] = rows.pop()
    common = np.count_nonzero(nodes >= 0)
    if common < _LEAST_IN_COMMON * max(len(held), len(vectors)):
        return None
    added = np.setdiff1d(np.arange(len(vectors), dtype=np.int32), nodes)
    grown = _copy(base.links, file, len(held) + len(added))
    links = Links(grown, base.links.directions, np.append(nodes, added))
    _add(links, vectors, first_node=len(held))
    return links


def _rows_by_content(vectors: Halves) -> dict[bytes, list[int]]:
    """Return the rows of each vector, the first of them last."""
    rows: dict[bytes, list[int]] = {}
    contents = list(_contents(vectors))
    for row in range(len(vectors) - 1, -1, -1):
        rows.setdefault(contents[row], []).append(row)
    return rows


def _contents(vectors: Halves) -> Iterator[bytes]:
    """Yield a digest of each row."""
    width = vectors.shape[1] * vectors.itemsize
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        block = memoryview(vectors[start : start + _ROWS_AT_ONCE].tobytes())
        for begin in range(0, len(block), width):
            yield hashlib.blake2b(block[begin : begin + width], digest_size=16).digest()


def _copy(links: Links, file: Path, nodes: int) -> _Graph:
    """Return a copy of the graph with room for so many nodes; the one in use stays as it is."""
    import hnswlib

    links.graph.save_index(str(file))
    graph: _Graph = hnswlib.Index(space="ip", dim=links.directions.shape[1])
    graph.load_index(str(file), max_elements=nodes)
    return graph


def _add(links: Links, vectors: Halves, first_node: int) -> None:
    for start in range(first_node, len(links.nodes), _ROWS_AT_ONCE):
        rows = links.nodes[start : start + _ROWS_AT_ONCE]
        reduced = vectors[rows].astype(np.float32) @ links.directions
        # At unit length again: inner products of unequal lengths make poor graphs.
        reduced /= np.maximum(np.linalg.norm(reduced, axis=1, keepdims=True), 1e-9)
        # One thread: the order in which rows are linked is part of the index.
        labels = np.arange(start, start + len(rows), dtype=np.int64)
        links.graph.add_items(reduced, labels, num_threads=1)


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
