"""Notes: a directory of somebody's own Markdown and plain text, from which no link leads out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_mind.ingest.sources.manuals import passage
from luminous_mind.ingest.sources.reading import SourceError, texts_in
from luminous_mind.ingest.sources.sections import of_markdown
from luminous_mind.knowledge.documents import NOTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item

_TEXTS = frozenset((".md", ".markdown", ".txt", ".text", ".org", ".rst"))


def read(folder: Path) -> Iterator[Item]:
    """Read the texts in a directory, or one file, section by section."""
    for file, text in texts_in(folder, lambda file: file.suffix in _TEXTS, leaving=False):
        if isinstance(text, SourceError):
            yield text
            continue
        for section in of_markdown(text, file.stem):
            yield passage(NOTE, file, section)
