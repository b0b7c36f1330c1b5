"""Linking: the dense index as it is written, anew or grown out of an older one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np

from luminous_mind.artefact import ArtefactUnusable, write_artefact
from luminous_mind.knowledge.dense import (
    ALL_ROWS,
    DENSE_INDEX,
    DIRECTIONS,
    GRAPH,
    NODES,
    VECTORS,
    Linked,
    Links,
    load_graph,
    read_dense,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from luminous_mind.artefact import Fact
    from luminous_mind.knowledge.dense import Floats, Halves

    Matrix = npt.NDArray[np.float16] | npt.NDArray[np.float32]
    Digests = npt.NDArray[np.uint64]

# With 16 and 200, and a breadth of 256, short questions of people, which lie apart from all
# passages, find 0.94 of their ten nearest; passages asked as questions find 0.99.
_LINKS: Final = 32
_BUILDING_BREADTH: Final = 600
_SEED: Final = 1
_ROWS_AT_ONCE: Final = 4096
# Measured with tests/benchmarks/search_dense.py; more find little more.
_REDUCED: Final = 128
_ANOTHER: Final = np.uint64(0x9E3779B97F4A7C15)
# An index grows out of an older one while this part of both is the same.
_LEAST_IN_COMMON: Final = 0.8


def write_dense(vectors: Matrix, folder: Path, base: Path | None = None) -> None:
    """Write the index of `vectors`, a matrix of unit rows, to `folder`.

    With an older index in the folder `base`, rows that it holds are not linked again, where most of
    them are the same. The same vectors and base give the same index. Raises OSError.
    """
    write_artefact(folder, DENSE_INDEX, lambda unfinished: _fill(vectors, unfinished, base))


def _fill(vectors: Matrix, folder: Path, base: Path | None) -> dict[str, Fact]:
    rows, dimensions = vectors.shape
    with (folder / VECTORS).open("wb") as file:
        for chunk in _chunks(vectors):
            file.write(chunk.astype(np.float16).tobytes())
    if rows > ALL_ROWS:
        halves = np.memmap(folder / VECTORS, dtype=np.float16, mode="r", shape=vectors.shape)
        links = (base and _grown(halves, base)) or _linked(halves)
        links.directions.tofile(folder / DIRECTIONS)
        links.nodes.tofile(folder / NODES)
        links.graph.save_index(str(folder / GRAPH))
    return {"rows": rows, "dimensions": dimensions}


def _linked(vectors: Halves) -> Links:
    """Link all rows anew."""
    import hnswlib

    directions = _main_directions(vectors)
    graph = hnswlib.Index(space="ip", dim=directions.shape[1])
    graph.init_index(
        max_elements=len(vectors), ef_construction=_BUILDING_BREADTH, M=_LINKS, random_seed=_SEED
    )
    links = Links(directions, np.arange(len(vectors), dtype=np.int32), graph)
    _add(links, vectors, first_node=0)
    return links


def _grown(vectors: Halves, base: Path) -> Links | None:
    """Link only what the index in `base` does not hold; None where too little is the same.

    What is gone stays in the graph as a way to others, and stands for no row.
    """
    with suppress(ArtefactUnusable, RuntimeError):
        older, linked = read_dense(base)
        if linked is None or older.shape[1] != vectors.shape[1]:
            return None
        nodes = _rows_of_nodes(linked, older, vectors)
        common = np.count_nonzero(nodes >= 0)
        if common < _LEAST_IN_COMMON * max(len(nodes), len(vectors)):
            return None
        added = np.setdiff1d(np.arange(len(vectors), dtype=np.int32), nodes)
        graph = load_graph(base, linked, len(nodes) + len(added))
        links = Links(linked.directions, np.append(nodes, added), graph)
        _add(links, vectors, first_node=len(nodes))
        return links
    return None


def _rows_of_nodes(linked: Linked, older: Halves, vectors: Halves) -> npt.NDArray[np.int32]:
    """Return for each node of an older graph the row that has its vector now, or -1."""
    nodes = np.full(len(linked.nodes), -1, dtype=np.int32)
    held = np.flatnonzero(linked.nodes >= 0)
    _, before, now = np.intersect1d(
        _numbered(_digests(older)[linked.nodes[held]]),
        _numbered(_digests(vectors)),
        assume_unique=True,
        return_indices=True,
    )
    for start in range(0, len(before), _ROWS_AT_ONCE):
        chosen, rows = held[before[start:][:_ROWS_AT_ONCE]], now[start:][:_ROWS_AT_ONCE]
        is_same = (older[linked.nodes[chosen]] == vectors[rows]).all(axis=1)
        nodes[chosen[is_same]] = rows[is_same]
    return nodes


def _numbered(digests: Digests) -> Digests:
    """Return digests of which the second, third and further of the same are others."""
    order = np.argsort(digests, kind="stable")
    ordered = digests[order]
    nth = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    numbered = np.empty_like(digests)
    numbered[order] = ordered + nth.astype(np.uint64) * _ANOTHER
    return numbered


def _digests(vectors: Halves) -> Digests:
    """Return a number for each row that other rows hardly have: a sum with weights, modulo 2^64."""
    weights = np.random.default_rng(_SEED).integers(1, 2**63, vectors.shape[1], dtype=np.uint64)
    parts = [
        vectors[start : start + _ROWS_AT_ONCE].view(np.uint16).astype(np.uint64) @ weights
        for start in range(0, len(vectors), _ROWS_AT_ONCE)
    ]
    return np.concatenate([np.empty(0, np.uint64), *parts])


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
