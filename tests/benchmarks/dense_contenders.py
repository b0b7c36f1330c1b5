"""The contenders of the dense benchmark, each measured in a process of its own.

    python -m tests.benchmarks.dense_contenders NAME FOLDER ROWS

FOLDER holds `vectors.npy` and `queries.npy`. Prints one line of JSON with the findings.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from luminous_mind.knowledge.dense import DenseIndex
from luminous_mind.knowledge.linking import write_dense

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Vectors = npt.NDArray[np.float16]

NEIGHBOURS: Final = 10
_QUERIES_OF_SLOW_ONES: Final = 60
_AT_ONCE: Final = 8192
# Two rows this near one another are as good as each other.
_TIE: Final = 1e-5


class Contender(Protocol):
    """Something that answers with the rows nearest to a query."""

    is_slow: bool

    def prepare(self, vectors: Vectors, folder: Path) -> None:
        """Do what comes before, and takes no part in what is measured."""

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Take all vectors; what is kept on disk goes into `folder`."""

    def nearest(self, query: Floats) -> Sequence[int]:
        """Return the rows nearest to `query`."""


class Ours(Contender):
    """The index of the product."""

    is_slow = False

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Build and open the index."""
        write_dense(vectors, folder / "index")
        self._index = DenseIndex.open(folder / "index")

    def nearest(self, query: Floats) -> Sequence[int]:
        """Ask the index."""
        positions, _ = self._index.nearest(query, NEIGHBOURS)
        return [int(position) for position in positions]


class Grown(Ours):
    """The index of the product, grown out of one where a hundredth of the rows was different."""

    def prepare(self, vectors: Vectors, folder: Path) -> None:
        """Build the older index, with other rows in a hundredth of the places."""
        older = np.array(vectors)
        older[::100] = older[::100, ::-1]
        write_dense(older, folder / "older")

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Build the newer index out of it, and open it."""
        write_dense(vectors, folder / "index", folder / "older")
        self._index = DenseIndex.open(folder / "index")
        shutil.rmtree(folder / "older")


class Graph(Contender):
    """A graph over all dimensions, with 16 links, 200 while building and 256 while asking."""

    is_slow = False

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Link row after row, on one thread as ours."""
        import hnswlib

        self._graph = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self._graph.init_index(max_elements=len(vectors), ef_construction=200, M=16, random_seed=1)
        for start in range(0, len(vectors), _AT_ONCE):
            self._graph.add_items(vectors[start : start + _AT_ONCE], num_threads=1)
        self._graph.set_ef(256)
        self._graph.save_index(str(folder / "graph"))

    def nearest(self, query: Floats) -> Sequence[int]:
        """Ask the graph."""
        found, _ = self._graph.knn_query(query[None, :], k=NEIGHBOURS, num_threads=1)
        return [int(row) for row in found[0]]


class Exact(Contender):
    """NumPy, comparing with every row in single precision."""

    is_slow = True

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Hold the matrix in memory."""
        self._vectors = np.asarray(vectors, dtype=np.float32)
        np.save(folder / "vectors.npy", self._vectors)

    def nearest(self, query: Floats) -> Sequence[int]:
        """Compare with all rows."""
        similarities = self._vectors @ query
        best = np.argpartition(-similarities, NEIGHBOURS)[:NEIGHBOURS]
        return [int(row) for row in best[np.argsort(-similarities[best])]]


class Qdrant(Contender):
    """The local mode of qdrant-client, in memory: on disk each row is a transaction of its own."""

    is_slow = True

    def build(self, vectors: Vectors, folder: Path) -> None:  # noqa: ARG002 -- keeps nothing on disk
        """Upload all vectors to a collection."""
        from qdrant_client import QdrantClient, models

        warnings.simplefilter("ignore")  # it says that it is not made for so many
        self._client = QdrantClient(":memory:")
        size = vectors.shape[1]
        self._client.create_collection(
            "all", models.VectorParams(size=size, distance=models.Distance.DOT)
        )
        for start in range(0, len(vectors), _AT_ONCE):
            chunk = np.asarray(vectors[start : start + _AT_ONCE], dtype=np.float32)
            ids = range(start, start + len(chunk))
            self._client.upload_collection("all", vectors=chunk, ids=ids)

    def nearest(self, query: Floats) -> Sequence[int]:
        """Ask the collection."""
        found = self._client.query_points("all", query=query.tolist(), limit=NEIGHBOURS)
        return [int(point.id) for point in found.points]


CONTENDERS: Final[dict[str, Callable[[], Contender]]] = {
    "luminous": Ours,
    "luminous, 1 % changed": Grown,
    "hnswlib, all dimensions": Graph,
    "numpy, exact": Exact,
    "qdrant-client, local mode": Qdrant,
}


def measure(contender: Contender, vectors: Vectors, queries: Floats) -> dict[str, Any]:
    """Build with `vectors`, ask all queries, and tell what that cost and found."""
    asked = queries[:_QUERIES_OF_SLOW_ONES] if contender.is_slow else queries
    before = resident_megabytes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contender.prepare(vectors, folder)
        started = time.perf_counter()
        contender.build(vectors, folder)
        built = time.perf_counter() - started
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        contender.nearest(asked[0])
        answers, times = [], []
        for query in asked:
            started = time.perf_counter()
            answers.append(contender.nearest(query))
            times.append((time.perf_counter() - started) * 1000)
        memory = resident_megabytes() - before
    return {
        "recall": recall(vectors, asked, answers),
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "build_s": built,
        "disk_mb": disk / 1e6,
        "memory_mb": memory,
    }


def recall(vectors: Vectors, queries: Floats, answers: Sequence[Sequence[int]]) -> float:
    """Return which part of the nearest rows was found, where ties count as found."""
    all_similarities = np.concatenate(
        [
            vectors[start : start + _AT_ONCE].astype(np.float32) @ queries.T
            for start in range(0, len(vectors), _AT_ONCE)
        ]
    )
    found = 0
    for number, answer in enumerate(answers):
        similarities = all_similarities[:, number]
        least = np.partition(similarities, -NEIGHBOURS)[-NEIGHBOURS] - _TIE
        found += int((similarities[list(set(answer))] >= least).sum())
    return found / (NEIGHBOURS * len(answers))


def resident_megabytes() -> float:
    """Return how much memory this process holds now, what it has mapped of files included."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    """Measure the contender that the arguments name."""
    name, folder, rows = sys.argv[1:]
    vectors = np.load(Path(folder) / "vectors.npy", mmap_mode="r")[: int(rows)]
    queries = np.load(Path(folder) / "queries.npy").astype(np.float32)
    print(json.dumps(measure(CONTENDERS[name](), vectors, queries)))


if __name__ == "__main__":
    main()
