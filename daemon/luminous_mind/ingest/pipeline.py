"""The pipeline: from sources to an index that is in its place when it is whole."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from luminous_mind.ingest.meaning import DenseParts
from luminous_mind.ingest.sources import READERS
from luminous_mind.ingest.sources.reading import Rename, SourceError
from luminous_mind.knowledge.analysis import Analysis
from luminous_mind.knowledge.documents import OPTION, PACKAGE, RENAMED, Document
from luminous_mind.knowledge.glosses import with_glosses
from luminous_mind.knowledge.graph import ranks_of
from luminous_mind.knowledge.index import Index, Texts, dense_folder, make_track
from luminous_mind.knowledge.terms import folded
from luminous_protocol.indexing import IndexReport, IndexStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from luminous_mind.knowledge.vectors import VectorCache

    Progress = Callable[[IndexStep], None]

_TOP_LEVEL = 0.2
"""Of a prior: what stands at the top of nixpkgs is meant rather than its copies in sets."""
_MANY = 5000
_TEXTS = ("id", "name", "text", "title", "source", "address")


@dataclass(frozen=True, slots=True)
class Source:
    """A file or directory, and the name of the reader that understands it."""

    reader: str
    file: Path


@dataclass(slots=True)
class Harvest:
    """What was read of one source: documents, renames, and what could not be read.

    `is_lost` when it could not be read to its end.
    """

    documents: list[Document] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_lost: bool = False

    @property
    def failure(self) -> str:
        """What could not be read, in one sentence or two; empty where there is no such thing."""
        first = " ".join(self.failures[:1])
        more = len(self.failures) - 1
        return f"{first} So it is in {more} more places." if more > 0 else first


@dataclass(frozen=True, slots=True)
class Helpers:
    """What an index is made with: terms that are known, and vectors where there is an encoder.

    `older` is the digest of the index of before, out of whose dense parts the new ones grow; `keep`
    is called when all words are known.
    """

    analysis: Analysis = field(default_factory=Analysis)
    vectors: VectorCache | None = None
    older: str = "-"
    keep: Callable[[], None] = lambda: None


class Pipeline:
    """Makes the index in one folder."""

    def __init__(
        self,
        folder: Path,
        progress: Progress = lambda _: None,
        helpers: Helpers | None = None,
    ) -> None:
        """Tell `progress` what goes on."""
        self._folder, self._progress = folder, progress
        self._helpers = helpers or Helpers()

    def ingest(self, sources: Iterable[Source], made: int) -> IndexReport:
        """Index sources. Raises OSError where that cannot be written."""
        harvests = {str(source.file): read(source, self._progress) for source in sources}
        return self.index(harvests, made)

    def index(self, harvests: Mapping[str, Harvest], made: int) -> IndexReport:
        """Index what was read of sources. Raises OSError where that cannot be written."""
        documents = gathered(harvests.values())
        with self._meant(documents) as dense:
            index = build(documents, self._progress, self._helpers.analysis)
            self._progress(IndexStep("writing the index"))
            digest = index.save(self._folder, made)
            self._helpers.keep()
            if dense is not None:
                dense.publish(dense_folder(self._folder, digest))
        tracks = [track for kind in index.kinds if (track := index.track(kind))]
        return IndexReport(
            {track.kind: len(track.documents) for track in tracks},
            {name: item.failure for name, item in harvests.items() if item.failures},
        )

    @contextmanager
    def _meant(self, documents: Iterable[Document]) -> Iterator[DenseParts | None]:
        """Encode documents beside the block, where there is an encoder."""
        if self._helpers.vectors is None:
            yield None
            return
        dense = DenseParts(self._folder, self._helpers.vectors, self._progress)
        with dense.begun(documents, dense_folder(self._folder, self._helpers.older)):
            yield dense


def read(source: Source, progress: Progress) -> Harvest:
    """Read a source, as far as that goes."""
    harvest, phase = Harvest(), f"reading {source.file.name}"
    progress(IndexStep(phase))
    try:
        for item in READERS[source.reader](source.file):
            match item:
                case Document():
                    harvest.documents.append(_storable(item))
                    if len(harvest.documents) % _MANY == 0:
                        progress(IndexStep(phase, len(harvest.documents)))
                case Rename():
                    harvest.renames.append(item)
                case SourceError():
                    harvest.failures.append(str(item))
    except (SourceError, OSError) as error:
        harvest.failures.append(str(error))
        harvest.is_lost = True
    return harvest


def _storable(document: Document) -> Document:
    """Return a document without lone surrogates, which JSON can hold and no text."""
    try:
        "".join((*map(document.__getattribute__, _TEXTS), *document.facts.values())).encode()
    except UnicodeEncodeError:
        facts = {key: _text(value) for key, value in document.facts.items()}
        plain: dict[str, Any] = {name: _text(getattr(document, name)) for name in _TEXTS}
        return replace(document, facts=facts, **plain)
    return document


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


def gathered(harvests: Iterable[Harvest]) -> list[Document]:
    """Return all documents; of two with one id the first counts. Renames are told to options."""
    found: dict[str, Document] = {}
    former: dict[str, list[str]] = {}
    for harvest in harvests:
        for document in harvest.documents:
            found.setdefault(document.id, document)
        for rename in harvest.renames:
            former.setdefault(rename.new, []).append(rename.old)
    for new, old in former.items():
        option = found.get(f"{OPTION}:{new}")
        if option:
            facts = {**option.facts, RENAMED: " ".join(dict.fromkeys(old))}
            found[option.id] = replace(option, facts=facts)
    return list(found.values())


def build(
    documents: Sequence[Document], progress: Progress, analysis: Analysis | None = None
) -> Index:
    """Index documents, whose ids differ, with what we know of them ourselves."""
    documents = list(with_glosses(documents))
    progress(IndexStep("finding what refers to what"))
    ranks = ranks_of(documents)
    texts = Texts(_about(documents), analysis or Analysis())
    tracks, done = [], 0
    for kind, count in Counter(document.kind for document in documents).items():
        rows = [row for row, document in enumerate(documents) if document.kind == kind]
        own = [documents[row] for row in rows]
        progress(IndexStep("indexing words and names", done, len(documents)))
        tracks.append(make_track(kind, own, _priors(own, ranks[rows]), texts))
        done += count
    return Index(tracks)


def _priors(documents: Sequence[Document], ranks: np.ndarray) -> np.ndarray:
    if not documents or documents[0].kind != PACKAGE:
        return ranks.astype(np.float32)
    top = np.array(["." not in document.name for document in documents], np.float32)
    return ((1 - _TOP_LEVEL) * ranks + _TOP_LEVEL * top).astype(np.float32)


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
