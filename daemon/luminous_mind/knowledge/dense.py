"""The dense index: the nearest vectors of some hundred thousand, in a millisecond or two.

Candidates come from an HNSW graph (hnswlib) over vectors reduced to their main directions; the
vectors themselves, in half precision and mapped from the file, put the candidates into order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from luminous_mind.artefact import ArtefactDamaged, Kind, read_artefact

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Positions = npt.NDArray[np.int64]
    Halves = npt.NDArray[np.float16]

DENSE_INDEX: Final = Kind(name="dense index", format=1, remedy="Index the sources anew.")

VECTORS: Final = "vectors.f16"
DIRECTIONS: Final = "directions.f32"
GRAPH: Final = "graph.hnsw"
NODES: Final = "nodes.i32"

_ROWS_AT_ONCE: Final = 4096

# Measured with tests/benchmarks/search_dense.py; more of each finds little more.
_LEAST_BREADTH: Final = 256
_MOST_BREADTH: Final = 600
_ROWS_TO_A_STEP: Final = 300  # one more for so many rows
_MORE_CANDIDATES: Final = 160
_CANDIDATES_PER_NEIGHBOUR: Final = 2
# Below this many rows looking at all of them is quick, and exact.
ALL_ROWS: Final = 2048


class _Graph(Protocol):
    def add_items(self, data: Floats, ids: Positions, num_threads: int) -> None: ...
    def knn_query(
        self, data: Floats, k: int, num_threads: int
    ) -> tuple[npt.NDArray[np.uint64], Floats]: ...
    def load_index(self, path: str, max_elements: int) -> None: ...
    def save_index(self, path: str) -> None: ...
    def set_ef(self, ef: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Linked:
    """Of a graph the directions that vectors are reduced to, and the row of each node, or -1."""

    directions: Floats
    nodes: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Links(Linked):
    """The same with the graph."""

    graph: _Graph


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
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`.

        Raises ArtefactMissing, ArtefactDamaged and ArtefactOutdated: then it is to be built anew.
        """
        vectors, linked = read_dense(folder)
        if linked is None:
            return cls(Parts(vectors))
        try:
            graph = load_graph(folder, linked, len(linked.nodes))
        except RuntimeError as error:
            raise _unfitting(folder, error) from error
        return cls(Parts(vectors, Links(linked.directions, linked.nodes, graph)))

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


def read_dense(folder: Path) -> tuple[Halves, Linked | None]:
    """Return what lies in `folder`, but for the graph.

    Raises ArtefactMissing, ArtefactDamaged and ArtefactOutdated.
    """
    facts = read_artefact(folder, DENSE_INDEX).facts
    try:
        return _read_parts(folder, (int(facts["rows"]), int(facts["dimensions"])))
    except (KeyError, ValueError) as error:
        raise _unfitting(folder, error) from error


def load_graph(folder: Path, linked: Linked, room: int) -> _Graph:
    """Load the graph in `folder`, with room for so many nodes. Raises RuntimeError."""
    import hnswlib

    graph: _Graph = hnswlib.Index(space="ip", dim=linked.directions.shape[1])
    graph.load_index(str(folder / GRAPH), max_elements=room)
    return graph


def _read_parts(folder: Path, shape: tuple[int, int]) -> tuple[Halves, Linked | None]:
    rows, dimensions = shape
    if rows == 0:
        return np.empty(shape, dtype=np.float16), None
    vectors = np.memmap(folder / VECTORS, dtype=np.float16, mode="r", shape=shape)
    if not (folder / GRAPH).exists():
        return vectors, None
    directions = np.fromfile(folder / DIRECTIONS, dtype=np.float32).reshape(dimensions, -1)
    nodes = np.fromfile(folder / NODES, dtype=np.int32)
    if len(nodes) == 0 or nodes.max() >= rows:
        raise ValueError("nodes without rows")
    return vectors, Linked(directions, nodes)


def _unfitting(folder: Path, error: Exception) -> ArtefactDamaged:
    return ArtefactDamaged(
        f"The dense index in {folder} does not fit together: {error}. {DENSE_INDEX.remedy}"
    )
