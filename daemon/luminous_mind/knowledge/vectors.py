"""Vectors that are kept: what was encoded once is not encoded again.

Two files grow side by side: 16 bytes of hash a text, and its vector in half precision. A row
counts when both have it whole, so a crash costs the rows of its last moment only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Halves = npt.NDArray[np.float16]

_FORMAT: Final = 1
_HASH_BYTES: Final = 16
_HASHES: Final = "hashes"
_VECTORS: Final = "vectors.f16"
_ORIGIN: Final = "origin.json"
_TEXTS_AT_ONCE: Final = 256
_MOST_PROCESSORS: Final = 4
# How far half precision may take a unit vector from its length; beyond it a row is damaged.
_LENGTH_TOLERANCE: Final = 0.01


T = TypeVar("T")


def own_processors() -> int:
    """Return how many processors may encode."""
    return min(len(os.sched_getaffinity(0)), _MOST_PROCESSORS)


class Encodes(Protocol):
    """What makes vectors: the encoder, whose digest names its weights."""

    @property
    def dimensions(self) -> int: ...  # noqa: D102 -- as the encoder says
    @property
    def digest(self) -> str: ...  # noqa: D102 -- as the encoder says
    def encode(self, texts: Sequence[str]) -> Floats: ...  # noqa: D102 -- as the encoder says


class CacheBusy(Exception):
    """Another program fills this cache at the moment; try again when it has finished."""


class VectorCache:
    """The vectors of one encoder in one folder, for one program at a time."""

    def __init__(self, folder: Path, encoder: Encodes) -> None:
        """Keep vectors of `encoder` in `folder`; `open` sees to it that only those are there."""
        self._folder = folder
        self._encoder = encoder
        self._rows: dict[bytes, int] = {}

    @classmethod
    @contextmanager
    def open(cls, folder: Path, encoder: Encodes) -> Iterator[Self]:
        """Hold the cache in `folder` until the end of the block.

        Vectors of another encoder, and rows that are damaged, are forgotten. Raises CacheBusy and
        OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CacheBusy(f"Another program fills {folder}; wait until it is done.") from None
            cache = cls(folder, encoder)
            cache._take_over()
            yield cache

    def __len__(self) -> int:
        return len(self._rows)

    def matrix(
        self,
        texts: Sequence[str],
        tell: Callable[[int, int], None] = lambda _done, _all: None,
        processors: Callable[[], int] = own_processors,
    ) -> Halves:
        """Return the vectors of `texts`, one a row, encoding those that are not here yet.

        `tell` hears how many of the missing ones are done, and of how many; `processors` says how
        many are at work at a time, and may say less for a while. Raises OSError.
        """
        hashes = [_hash(text) for text in texts]
        missing = dict(zip(hashes, texts, strict=True))
        for key in self._rows:
            missing.pop(key, None)
        self._add(missing, tell, processors)
        kept = self._map()
        rows = np.fromiter((self._rows[key] for key in hashes), dtype=np.int64, count=len(hashes))
        return np.asarray(kept[rows])

    def forget_all_but(self, texts: Sequence[str]) -> None:
        """Write the cache anew with the vectors of `texts` only. Raises OSError."""
        wanted = {_hash(text) for text in texts}
        kept = [(key, row) for key, row in self._rows.items() if key in wanted]
        if len(kept) == len(self._rows):
            return
        vectors = np.asarray(self._map()[[row for _, row in kept]])
        self._forget()
        self._append([key for key, _ in kept], vectors)

    def _add(
        self,
        missing: dict[bytes, str],
        tell: Callable[[int, int], None],
        processors: Callable[[], int],
    ) -> None:
        # By length, so that each call of the encoder gets texts that go well together.
        keys = sorted(missing, key=lambda key: len(missing[key]))
        parts = [keys[at : at + _TEXTS_AT_ONCE] for at in range(0, len(keys), _TEXTS_AT_ONCE)]

        def encoded(part: Sequence[bytes]) -> Halves:
            return self._encoder.encode([missing[key] for key in part]).astype(np.float16)

        done = 0
        for part, vectors in _ahead(encoded, parts, processors):
            self._append(part, vectors)
            done += len(part)
            tell(done, len(keys))

    def _append(self, keys: Sequence[bytes], vectors: Halves) -> None:
        # First the vectors: a hash is written when what it stands for is on disk.
        _append(self._folder / _VECTORS, vectors.tobytes())
        _append(self._folder / _HASHES, b"".join(keys))
        first = len(self._rows)
        self._rows.update({key: first + number for number, key in enumerate(keys)})

    def _take_over(self) -> None:
        origin = {"format": _FORMAT, "encoder": self._encoder.digest}
        file = self._folder / _ORIGIN
        if _read_json(file) != origin:
            self._forget()
            file.write_text(json.dumps(origin), encoding="utf-8")
        whole = self._cut_to_whole_rows()
        hashes = (self._folder / _HASHES).read_bytes()
        keys = [hashes[at * _HASH_BYTES : (at + 1) * _HASH_BYTES] for at in range(whole)]
        self._rows = {key: row for row, key in enumerate(keys)}
        if len(self._rows) != whole or not self._has_unit_rows():
            self._forget()

    def _cut_to_whole_rows(self) -> int:
        """Make both files end with the same row, and return how many rows there are."""
        widths = {_HASHES: _HASH_BYTES, _VECTORS: self._encoder.dimensions * 2}
        for name in widths:
            (self._folder / name).touch()
        whole = min((self._folder / name).stat().st_size // widths[name] for name in widths)
        for name, width in widths.items():
            os.truncate(self._folder / name, whole * width)
        return whole

    def _has_unit_rows(self) -> bool:
        vectors = self._map()
        for start in range(0, len(vectors), 4096):
            lengths = np.linalg.norm(vectors[start : start + 4096].astype(np.float32), axis=1)
            # Written so that a length that is no number fails too.
            if not np.all(np.abs(lengths - 1) < _LENGTH_TOLERANCE):
                return False
        return True

    def _forget(self) -> None:
        for name in (_HASHES, _VECTORS):
            (self._folder / name).write_bytes(b"")
        self._rows = {}

    def _map(self) -> Halves:
        shape = (len(self._rows), self._encoder.dimensions)
        if not self._rows:
            return np.empty(shape, dtype=np.float16)
        return np.memmap(self._folder / _VECTORS, dtype=np.float16, mode="r", shape=shape)


def _ahead(
    function: Callable[[T], Halves], items: Iterable[T], processors: Callable[[], int]
) -> Iterator[tuple[T, Halves]]:
    """Yield each item and what `function` makes of it, one on each processor at a time.

    A call of the encoder leaves Python to the others. Where there are several, one more is waiting,
    so that none is idle while somebody writes down what the first has made.
    """
    begun: deque[tuple[T, Future[Halves]]] = deque()
    with ThreadPoolExecutor(own_processors()) as beside:
        for item in items:
            allowed = processors()
            while len(begun) > (allowed if allowed > 1 else 0):
                first, future = begun.popleft()
                yield first, future.result()
            begun.append((item, beside.submit(function, item)))
        for last, future in begun:
            yield last, future.result()


def _hash(text: str) -> bytes:
    # Lone surrogates are no text, but they may stand in a source all the same.
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_HASH_BYTES).digest()


def _append(file: Path, content: bytes) -> None:
    with file.open("ab") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _read_json(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
