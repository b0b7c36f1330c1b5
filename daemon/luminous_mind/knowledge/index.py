"""The index: for each kind of documents what it is found by, and how all of it lies on disk.

Arrays are mapped and not read. The lexical part is one artefact; dense parts lie beside it under
its digest, so that they are never of another index, and may come later or be missing.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from luminous_mind.artefact import (
    ArtefactDamaged,
    ArtefactUnusable,
    Kind,
    read_artefact,
    write_artefact,
)
from luminous_mind.knowledge.analysis import Analysis
from luminous_mind.knowledge.documents import OPTION, PACKAGE, RENAMED, Documents
from luminous_mind.knowledge.names import Names
from luminous_mind.knowledge.postings import Field, Postings
from luminous_mind.knowledge.terms import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from luminous_mind.artefact import Fact
    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.vocabulary import Arrays

INDEX: Final = Kind(
    name="search index", format=2, remedy="To make it, as root: luminous-mind --index"
)
_LEXICAL = "lexical"
_UNUSABLE = "unusable-"
_DIGITS = 16
_FIELDS = {
    "option": {
        "leaf": Field(1.0, 0.3),
        "path": Field(3.0, 0.5),
        "text": Field(1.0, 0.6),
        "about": Field(1.0, 0.5),
        "gloss": Field(2.0, 0.3),
    },
    "package": {
        "name": Field(3.0, 0.4),
        "set": Field(0.7, 0.0),
        "text": Field(1.5, 0.5),
        "gloss": Field(2.0, 0.3),
    },
    "manual": {"title": Field(2.5, 0.3), "text": Field(1.0, 0.6)},
    "command": {"title": Field(1.0, 0.3), "text": Field(1.0, 0.4)},
}


@dataclass(frozen=True, slots=True)
class Texts:
    """What texts are analysed with, and what programs are, by their folded names."""

    about: Mapping[str, str] = field(default_factory=dict)
    analysis: Analysis = field(default_factory=Analysis)


@dataclass(frozen=True, slots=True)
class Track:
    """Everything about the documents of one kind."""

    kind: str
    documents: Documents
    postings: Postings
    names: Names
    priors: NDArray[np.float32]

    @classmethod
    def open(cls, kind: str, folder: Path) -> Track:
        """Map what `save` wrote."""
        documents = Documents(_load(folder, f"{kind}.documents"))
        postings = Postings(_load(folder, f"{kind}.postings"), len(documents))
        priors = _load(folder, f"{kind}.priors")["priors"]
        return cls(kind, documents, postings, Names(_load(folder, f"{kind}.names")), priors)

    def save(self, folder: Path) -> None:
        """Write the parts into a folder. Raises OSError."""
        parts = {
            "documents": self.documents.arrays(),
            "postings": self.postings.arrays(),
            "names": self.names.arrays(),
            "priors": {"priors": self.priors},
        }
        for part, arrays in parts.items():
            for name, array in arrays.items():
                np.save(folder / f"{self.kind}.{part}.{name}.npy", array)

    def row_of(self, name: str) -> int:
        """Return the row of a document by its very name, or -1."""
        match = self.names.exactly(folded(name))
        rows = match.rows if match else ()
        return next((row for row in rows if self.documents[row].name == name), -1)

    def is_switch_of(self, row: int, folded_name: str) -> bool:
        """Tell whether an option switches on what has this name."""
        parts = self.documents[row].name.split(".")
        return parts[-1] == "enable" and folded(parts[-2]) == folded_name


class Index:
    """The tracks of an index, by kind."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        """Hold tracks."""
        self._tracks = {track.kind: track for track in tracks}
        self.made, self.digest = 0, ""

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Map the index in `folder`.

        Raises ArtefactMissing, ArtefactOutdated and ArtefactDamaged: then it is to be made anew.
        """
        lexical = folder / _LEXICAL
        manifest = read_artefact(lexical, INDEX)
        kinds = str(manifest.facts.get("kinds", "")).split()
        try:
            index = cls(Track.open(kind, lexical) for kind in kinds)
        except (KeyError, ValueError, IndexError, OSError) as error:
            raise ArtefactDamaged(f"{lexical} is damaged: {error}. {INDEX.remedy}") from None
        index.made, index.digest = int(manifest.facts["made"]), manifest.digest
        return index

    def save(self, folder: Path, made: int) -> str:
        """Put this index in the place of the one in `folder`, and return its digest.

        `made` is in seconds since 1970. Raises OSError, and leaves the old one then.
        """

        def fill(unfinished: Path) -> dict[str, Fact]:
            for track in self._tracks.values():
                track.save(unfinished)
            return {"made": made, "kinds": " ".join(self._tracks)}

        return write_artefact(folder / _LEXICAL, INDEX, fill)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that there are."""
        return tuple(self._tracks)

    @property
    def tracks(self) -> Mapping[str, Track]:
        """What is known of each kind."""
        return self._tracks

    def track(self, kind: str) -> Track | None:
        """Return what is known of one kind."""
        return self._tracks.get(kind)

    def documents_of(self, ids: frozenset[str]) -> list[Document]:
        """Return the documents with these ids."""
        every = (track.documents for track in self._tracks.values())
        found = (documents[row] for documents in every for row in range(len(documents)))
        return [document for document in found if document.id in ids]


def dense_folder(folder: Path, digest: str) -> Path:
    """Return where the dense parts of the index with this digest lie, by kind."""
    return folder / f"dense-{digest[:_DIGITS]}"


def clear_dense(folder: Path) -> None:
    """Remove the dense parts of other indexes than that in `folder`; who reads them goes on."""
    with suppress(ArtefactUnusable):
        own = dense_folder(folder, read_artefact(folder / _LEXICAL, INDEX).digest)
        for other in folder.glob("dense-*/"):
            if other != own:
                shutil.rmtree(other, ignore_errors=True)


def set_aside(folder: Path, now: int) -> Path:
    """Put aside an index that cannot be used, for who wants to know why; an older one goes."""
    place = folder / f"{_UNUSABLE}{now}"
    for other in folder.glob(f"{_UNUSABLE}*/"):
        shutil.rmtree(other, ignore_errors=True)
    (folder / _LEXICAL).rename(place)
    return place


def _load(folder: Path, part: str) -> Arrays:
    files = folder.glob(f"{part}.*.npy")
    # As plain arrays: one that knows of its file takes a microsecond longer for each element.
    return {file.name.split(".")[2]: np.asarray(np.load(file, mmap_mode="r")) for file in files}


def make_track(
    kind: str,
    documents: Sequence[Document],
    priors: NDArray[np.float32],
    texts: Texts,
) -> Track:
    """Index the documents of one kind, whose texts are analysed."""
    fields = _fields_of(kind)
    found = texts.analysis.analyse((_texts(item, texts.about) for item in documents), len(fields))
    bearers: dict[str, list[int]] = {}
    for row, document in enumerate(documents):
        for name in _names(document):
            bearers.setdefault(name, []).append(row)
    return Track(
        kind,
        Documents.of(documents),
        Postings.of(found, tuple(fields.values())),
        Names.of(bearers, priors),
        priors,
    )


def _fields_of(kind: str) -> Mapping[str, Field]:
    return _FIELDS.get(kind, _FIELDS["manual"])


def _texts(document: Document, about: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the texts in each field, in the order of `_FIELDS`."""
    if document.kind == OPTION:
        parts = document.name.split(".")
        is_switch = parts[-1] == "enable" and len(parts) > 2 and "<name>" not in parts  # noqa: PLR2004 - services.X.enable
        meant = about.get(folded(parts[-2]), "") if is_switch else ""
        words = (document.text,), (meant,), (document.gloss,)
        return (parts[-1],), (document.name,), *words
    if document.kind == PACKAGE:
        package_set, _, last = document.name.rpartition(".")
        names = (last, document.facts.get("pname", "")), (package_set,)
        return *names, (document.text,), (document.gloss,)
    return (document.title,), (document.text,)


def _names(document: Document) -> set[str]:
    """Return what a document is called."""
    if document.kind == OPTION:
        parts = document.name.split(".")
        base = parts[:-1] if parts[-1] == "enable" else parts
        names = {folded(document.name), folded(".".join(base)), folded(parts[-1])}
        if parts[-1] == "enable":
            names.add(folded(base[-1]))
        names |= {folded(name) for name in document.facts.get(RENAMED, "").split()}
    elif document.kind == PACKAGE:
        names = {document.name, document.name.rpartition(".")[2], document.facts.get("pname", "")}
        names = {folded(name) for name in names}
    else:
        names = {folded(document.title)}
    return {name for name in names if name}
