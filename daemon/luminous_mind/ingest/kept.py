"""Kept: what is known of an index beside it: of which sources it is made, and in which state."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping  # noqa: TC003 - pydantic looks it up
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_mind.ingest.pipeline import Harvest
from luminous_mind.ingest.sources.reading import Rename, SourceError, files_in
from luminous_mind.knowledge.documents import RENAMED
from luminous_protocol.frames import BadFrame, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from luminous_mind.ingest.pipeline import Source
    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.index import Index

_FILE = "sources.json"
_MOST = 64 * 2**20
_BLOCK = 2**20
_STAYS = "What was indexed of it before is searched on."
_MAKERS = ("ingest", "knowledge", "data")


@dataclass(frozen=True, slots=True)
class KeptSource:
    """A source: its stamp, the documents and renames that came of it, and what was not read."""

    stamp: str
    ids: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    failures: tuple[str, ...] = ()

    @classmethod
    def of(cls, harvest: Harvest, stamp: str) -> KeptSource:
        """Keep what was read of a source with this stamp."""
        return cls(
            stamp,
            tuple(document.id for document in harvest.documents),
            tuple((rename.old, rename.new) for rename in harvest.renames),
            (harvest.failure,) if harvest.failures else (),
        )

    def restored(self, index: Index, harvest: Harvest) -> Harvest:
        """Return what there was of it in an index, with the failures of now."""
        found = [_as_read(item) for item in index.documents_of(frozenset(self.ids))]
        renames = [Rename(old, new) for old, new in self.renames]
        failures = [f"{item} {_STAYS}" for item in harvest.failures[:1]] or list(self.failures)
        return Harvest(found, renames, failures, harvest.is_lost)


def _as_read(document: Document) -> Document:
    """Return a document without what other sources have added to it."""
    facts = {key: value for key, value in document.facts.items() if key != RENAMED}
    return replace(document, facts=facts, gloss="")


@dataclass(frozen=True, slots=True)
class Kept:
    """The sources by name, and how they were indexed.

    `problem` is what was wrong with the index of before.
    """

    recipe: str = ""
    sources: Mapping[str, KeptSource] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def read(cls, folder: Path) -> Kept:
        """Read what was written, or nothing where that makes no sense."""
        try:
            with (folder / _FILE).open("rb") as file:
                return parse(cls, json.loads(file.read(_MOST)))
        except (OSError, ValueError, RecursionError, BadFrame):
            return cls()

    def write(self, folder: Path) -> None:
        """Write it in one step, by which who reads the folder sees that it is another."""
        unfinished = folder / f".{_FILE}"
        sources = {name: _plain(source) for name, source in self.sources.items()}
        content = {"recipe": self.recipe, "sources": sources, "problem": self.problem}
        unfinished.write_text(json.dumps(content), encoding="utf-8")
        unfinished.replace(folder / _FILE)

    def has(self, stamps: Mapping[str, str], recipe: str, only: str) -> bool:
        """Tell whether the index was made of just these sources; with `only`, whether of that."""
        known = {name: source.stamp for name, source in self.sources.items()}
        if only:
            return self.recipe == recipe and known.get(only) == stamps[only]
        return self.recipe == recipe and known == stamps

    def failures(self) -> dict[str, str]:
        """Return by source what could not be read of it."""
        return {name: item.failures[0] for name, item in self.sources.items() if item.failures}


def _plain(source: KeptSource) -> dict[str, object]:
    """Return a source for JSON. Unlike `asdict` this copies none of its thousands of ids."""
    return {name: getattr(source, name) for name in KeptSource.__slots__}


def recipe(encoder: Path | None) -> str:
    """Return what tells one way of indexing from another: the code for it, and the encoder."""
    seen = sha256(os.path.realpath(encoder).encode() if encoder else b"")
    for name in _MAKERS:
        for content in _contents(files("luminous_mind") / name):
            seen.update(content)
    return seen.hexdigest()


def _contents(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _contents(entry)
        elif entry.name.endswith((".py", ".toml")):
            yield entry.read_bytes()


def stamp_of(source: Source) -> str:
    """Return what is another when a source is: of a file its content, of others size and time."""
    seen = sha256(source.reader.encode())
    for file in files_in(source.file, leaving=True):
        if isinstance(file, SourceError):
            continue
        try:
            seen.update(_about(file, has_content=file == source.file))
        except OSError as error:
            seen.update(str(error).encode())
    return seen.hexdigest()


def _about(file: Path, *, has_content: bool) -> bytes:
    real = os.path.realpath(file)
    about = Path(real).stat()
    if has_content and file.is_file():
        with file.open("rb") as opened:
            seen = sha256()
            while block := opened.read(_BLOCK):
                seen.update(block)
            return seen.digest()
    return f"{file} {real} {about.st_size} {about.st_mtime_ns}".encode("utf-8", "replace")
