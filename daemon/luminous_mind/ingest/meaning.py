"""The dense parts of an index: encoded and linked beside the words and names.

The encoder and the graphs leave Python to the others while they work, so that on two processors
this costs hardly more than what takes longer.
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from luminous_mind.knowledge.glosses import with_glosses
from luminous_mind.knowledge.meaning import text_of
from luminous_mind.knowledge.vectors import own_processors
from luminous_protocol.indexing import IndexStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.vectors import Halves, VectorCache

    Progress = Callable[[IndexStep], None]

_SPARE = 2
"""So many vectors are kept for each text: those of before may come back."""


class _Stopped(Exception):
    """The rest of the index cannot be made, so that nobody needs this part."""


class DenseParts:
    """The dense parts of the index in one folder, while they are being made."""

    def __init__(self, folder: Path, vectors: VectorCache, progress: Progress) -> None:
        """Make them below `folder`; `progress` hears of it once somebody waits for them."""
        folder.mkdir(parents=True, exist_ok=True)
        self._place = Path(tempfile.mkdtemp(prefix=".dense.", dir=folder))
        self._vectors, self._progress = vectors, progress
        self._is_awaited, self._is_stopped = Event(), Event()

    @contextmanager
    def begun(self, documents: Iterable[Document], older: Path) -> Iterator[None]:
        """Make them of documents beside the block; what is not published at its end goes.

        What they have in common with those in the folder `older` is not linked anew.
        """
        beside = ThreadPoolExecutor(1, "encoding")
        self._made = beside.submit(self._make, documents, older)
        try:
            yield
        finally:
            self._is_stopped.set()
            beside.shutdown()
            shutil.rmtree(self._place, ignore_errors=True)

    def publish(self, folder: Path) -> None:
        """Wait until they are whole, and give them the name `folder`. Raises OSError."""
        self._is_awaited.set()
        self._made.result()
        shutil.rmtree(folder, ignore_errors=True)
        self._place.chmod(0o755)  # whoever may read the parent may read it
        self._place.rename(folder)

    def _make(self, documents: Iterable[Document], older: Path) -> None:
        from luminous_mind.knowledge.linking import write_dense

        def link(kind: str, vectors: Halves) -> None:
            self._tell(IndexStep(f"linking texts of the kind {kind}"))
            write_dense(vectors, self._place / kind, older / kind)

        texts: dict[str, list[str]] = {}
        for document in with_glosses(documents):
            texts.setdefault(document.kind, []).append(text_of(document))
        with ThreadPoolExecutor(1, "linking") as beside:
            linked = [
                beside.submit(link, kind, self._encoded(kind, own))
                # The largest first: to link it takes longest, and the others are encoded meanwhile.
                for kind, own in sorted(texts.items(), key=lambda each: -len(each[1]))
            ]
        for each in linked:
            each.result()
        every = [text for own in texts.values() for text in own]
        if len(self._vectors) > _SPARE * len(every):
            self._vectors.forget_all_but(every)

    def _encoded(self, kind: str, texts: Sequence[str]) -> Halves:
        phase = f"encoding texts of the kind {kind}"
        return self._vectors.matrix(
            texts, lambda done, count: self._tell(IndexStep(phase, done, count)), self._processors
        )

    def _processors(self) -> int:
        """Return how many may encode: all but the one that the rest of the index is made on."""
        return own_processors() if self._is_awaited.is_set() else max(1, own_processors() - 1)

    def _tell(self, step: IndexStep) -> None:
        if self._is_stopped.is_set():
            raise _Stopped
        if self._is_awaited.is_set():
            self._progress(step)
