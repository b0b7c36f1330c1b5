"""Manuals: sections as JSON lines, or a directory of Markdown and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_mind.ingest.sources.reading import SourceError, made_of, records_in, texts_in
from luminous_mind.ingest.sources.sections import of_html, of_markdown
from luminous_mind.knowledge.documents import MANUAL, Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item
    from luminous_mind.ingest.sources.sections import Section

_HTML = frozenset((".html", ".xhtml", ".htm"))
_MARKDOWN = frozenset((".md", ".markdown"))
_ALL = _HTML | _MARKDOWN
BETWEEN = " \u203a "


def read(folder: Path) -> Iterator[Item]:
    """Read the Markdown and HTML in a directory, or one such file, section by section."""
    for file, text in texts_in(folder, lambda file: file.suffix in _ALL, leaving=True):
        if isinstance(text, SourceError):
            yield text
            continue
        cut = of_html if file.suffix in _HTML else of_markdown
        for section in cut(text, file.stem):
            yield passage(MANUAL, file, section)


def read_lines(file: Path) -> Iterator[Item]:
    """Read JSON lines: `id, source, title, heading_path[], repo, path, anchor?, text`."""
    return made_of(records_in(file), _of_line)


def passage(kind: str, file: Path, section: Section) -> Document:
    """Return the document that a section of a file is."""
    anchor = f"#{section.anchor}" if section.anchor else ""
    return Document(
        id=f"{kind}:{file}:{section.line}",
        kind=kind,
        name=f"{file}:{section.line}",
        text=section.text,
        title=BETWEEN.join(section.headings),
        source=str(file),
        address=f"{file}{anchor}",
        line=section.line,
    )


def _of_line(record: dict[str, Any]) -> Document:
    anchor = f"#{record['anchor']}" if record.get("anchor") else ""
    return Document(
        id=f"manual:{record['id']}",
        kind=MANUAL,
        name=str(record["id"]),
        text=str(record["text"]),
        title=BETWEEN.join(record["heading_path"]) or str(record["title"]),
        source=str(record["source"]),
        address=f"{record['repo']}/{record['path']}{anchor}",
    )
