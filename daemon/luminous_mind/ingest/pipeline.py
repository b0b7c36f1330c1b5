"""The pipeline: from sources to an index that is in its place when it is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.ingest.sources import READERS, SourceError
from luminous_mind.knowledge.documents import PACKAGE
from luminous_mind.knowledge.glosses import with_glosses
from luminous_mind.knowledge.graph import ranks_of
from luminous_mind.knowledge.index import Index, make_track
from luminous_mind.knowledge.meaning import index_meaning
from luminous_mind.knowledge.terms import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.vectors import VectorCache

_TOP_LEVEL = 0.2
"""Of a prior: what stands at the top of nixpkgs is meant rather than its copies in sets."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the name of the reader that understands it."""

    reader: str
    file: Path


@dataclass(slots=True)
class Report:
    """What came of it: documents by kind, and the reason by source for those that failed."""

    documents: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


class Pipeline:
    """Makes the index in one folder."""

    def __init__(
        self,
        folder: Path,
        progress: Callable[[str], None] = lambda _: None,
        vectors: VectorCache | None = None,
    ) -> None:
        """Say what goes on to `progress`; index by meaning too where `vectors` can be made."""
        self._folder, self._progress, self._vectors = folder, progress, vectors

    def ingest(self, sources: Iterable[Source], made: int) -> Report:
        """Index sources. Raises OSError where that cannot be written."""
        report = Report()
        documents = _read(sources, report, self._progress)
        index = build(documents, self._progress)
        index.save(self._folder, made)
        if self._vectors is not None:
            saved = Index.open(self._folder)
            index_meaning(saved, self._folder, self._vectors, self._progress)
        report.documents = {
            kind: len(track.documents) for kind in index.kinds if (track := index.track(kind))
        }
        return report


def build(documents: Sequence[Document], progress: Callable[[str], None]) -> Index:
    """Index documents; of two with one id the first counts."""
    first = {document.id: document for document in reversed(documents)}.values()
    documents = list(with_glosses(first))[::-1]
    progress("finding what refers to what")
    ranks = ranks_of(documents)
    about = _about(documents)
    tracks = []
    for kind in dict.fromkeys(document.kind for document in documents):
        rows = [row for row, document in enumerate(documents) if document.kind == kind]
        own = [documents[row] for row in rows]
        progress(f"indexing {len(own)} of the kind {kind}")
        tracks.append(make_track(kind, own, _priors(own, ranks[rows]), about))
    return Index(tracks)


def _priors(documents: Sequence[Document], ranks: np.ndarray) -> np.ndarray:
    if not documents or documents[0].kind != PACKAGE:
        return ranks.astype(np.float32)
    top = np.array(["." not in document.name for document in documents], np.float32)
    return ((1 - _TOP_LEVEL) * ranks + _TOP_LEVEL * top).astype(np.float32)


def _read(
    sources: Iterable[Source], report: Report, progress: Callable[[str], None]
) -> list[Document]:
    documents: list[Document] = []
    for source in sources:
        progress(f"reading {source.file.name}")
        try:
            documents += list(READERS[source.reader](source.file))
        except (SourceError, OSError, KeyError, TypeError, AttributeError) as error:
            reason = str(error) if isinstance(error, SourceError | OSError) else repr(error)
            report.failures[str(source.file)] = reason
    return documents


def _about(documents: Iterable[Document]) -> dict[str, str]:
    """Return what programs are, by the folded names under which modules may switch them on."""
    about: dict[str, str] = {}
    for document in documents:
        if document.kind == PACKAGE and "." not in document.name:
            about.setdefault(folded(document.facts.get("pname", "")), document.text)
    for document in documents:
        if document.kind == PACKAGE and "." not in document.name:
            about[folded(document.name)] = document.text
    return about
