"""Man pages: what they say under a few headings, with the macros of man(7) and mdoc(7) taken off.

They are not laid out: what is looked for is words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_mind.ingest.sources.manuals import BETWEEN
from luminous_mind.ingest.sources.reading import SourceError, texts_in
from luminous_mind.knowledge.documents import MANUAL, Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item

_SUFFIXES = frozenset((".1", ".5", ".7", ".8"))
_SECTION = re.compile(r"man\w+")
_WANTED = frozenset(("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"))
_FONTS = "B I R BI BR IB IR RB RI SM SB IP"
_OF_MDOC = "Nm Nd Fl Ar Cm Op Pa Xr Dq Sq Ql Em Sy It Li Va Ev Ic Ql Pq Oo Oc No Ns Dl D1 Fa Fn Ss"
_SAYING = frozenset(f"{_FONTS} {_OF_MDOC} SS".split())
_MACRO = re.compile(r"[.']\s*([A-Za-z][A-Za-z0-9]?)\b\s*(.*)")
_NAMED = {"aq": "'", "dq": '"', "bu": "*", "em": "-", "en": "-", "lq": '"', "rq": '"', "ha": "^"}
_ESCAPE = re.compile(
    r"\\(?:f(?:\[[^\]]*\]|\(..|.)|s[+-]?\d+|[mMF]\[[^\]]*\]|\*(?:\[[^\]]*\]|\(..|.)"
    r"|\((..)|\[([^\]]*)\]|[\"#].*|(.))"
)
_ONE = {"e": "\\", "~": " ", **dict.fromkeys("&|^c,/", "")}
_LONGEST = 6000
_LONGEST_LINE = 4000


def read(folder: Path) -> Iterator[Item]:
    """Read the man pages in a directory, or one of them, also compressed ones."""

    def is_wanted(file: Path) -> bool:
        # Below man1 and the like, and not below de: translations say the same once more.
        outer = file.relative_to(folder).parts[:-1] if file != folder else ()
        return bool(_SUFFIXES & set(file.suffixes)) and all(map(_SECTION.fullmatch, outer))

    for file, text in texts_in(folder, is_wanted, leaving=True):
        if isinstance(text, SourceError):
            yield text
        else:
            yield from _page(file, text)


def _page(file: Path, text: str) -> Iterator[Document]:
    name, _, section = file.name.removesuffix(".gz").rpartition(".")
    page = f"{name}({section})"
    for heading, line, said in _sections(text):
        if heading in _WANTED and said:
            yield Document(
                id=f"{MANUAL}:{page}:{heading}",
                kind=MANUAL,
                name=f"{page}:{heading}",
                text="\n".join(said)[:_LONGEST],
                title=f"{page}{BETWEEN}{heading}",
                source=str(file),
                address=f"man:{page}",
                line=line,
            )


def _sections(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Yield headings, each with the line that it stands in and the words below it."""
    heading, begun, said = "", 1, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        macro = _MACRO.match(line[:_LONGEST_LINE])
        if macro and macro[1] in {"SH", "Sh"}:
            yield heading, begun, said
            heading, begun, said = _plain(macro[2]).strip('"').upper(), number, []
            continue
        words = _said(line[:_LONGEST_LINE], macro)
        if words:
            said.append(words)
    yield heading, begun, said


def _said(line: str, macro: re.Match[str] | None) -> str:
    """Return the words of a line, without what only says how it looks."""
    if macro:
        return _plain(macro[2].replace('"', "")) if macro[1] in _SAYING else ""
    return "" if line.startswith((".", "'")) else _plain(line)


def _plain(text: str) -> str:
    return " ".join(_ESCAPE.sub(_unescaped, text).split())


def _unescaped(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    return _NAMED.get(name, "") if name else _ONE.get(match[3] or "&", match[3] or "")
