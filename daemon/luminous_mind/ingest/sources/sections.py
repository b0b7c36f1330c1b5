"""Sections: texts cut at their headings, and where they are long also between paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*(?:\{#([^\s}]+)[^}]*\})?\s*#*$")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_LONG = 3000
_LONGEST_LINE = 20_000
_NO_TEXT = frozenset(("script", "style", "head", "nav", "template", "svg"))
_BLOCKS = frozenset(("p", "div", "li", "dt", "dd", "pre", "tr", "br", "section", "table", "ul"))
_DEEPEST = 200


@dataclass(slots=True)
class Section:
    """A heading with those above it, and the text below it. `line` is where it begins, from 1."""

    headings: tuple[str, ...]
    line: int
    anchor: str = ""
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text, without empty lines around it."""
        return "\n".join(self.parts).strip()


def of_markdown(text: str, title: str) -> Iterator[Section]:
    """Cut Markdown; `title` stands for what comes before the first heading."""
    section, fence, outer = Section((title,), 1), "", [(0, title)]
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence == mark[1] else fence or mark[1]
        heading = None if fence else _HEADING.match(line[:_LONGEST_LINE])
        if heading:
            yield from _filled(section)
            outer = _under(outer, len(heading[1]), heading[2])
            section = Section(tuple(name for _, name in outer), number, heading[3] or "")
        elif _is_full(section) and not line.strip() and not fence:
            yield from _filled(section)
            section = Section(section.headings, number + 1, section.anchor)
        else:
            section.parts.append(line[:_LONGEST_LINE])
    yield from _filled(section)


def of_html(text: str, title: str) -> Iterator[Section]:
    """Cut HTML; `title` stands for what comes before the first heading."""
    cutter = _Cutter(title)
    cutter.feed(text)
    cutter.close()
    cutter.end_section()
    for section in cutter.sections:
        yield from _filled(section)


class _Cutter(HTMLParser):
    """Reads HTML, however wrong it is."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.sections: list[Section] = []
        self._outer = [(0, title)]
        self._section = Section((title,), 1)
        self._unread, self._level, self._anchor = "", 0, ""
        self._heading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        anchor = dict(attrs).get("id") or ""
        if self._unread:
            return
        if tag in _NO_TEXT:
            self._unread = tag
        elif re.fullmatch(r"h[1-6]", tag):
            self._level, self._heading = int(tag[1]), []
            self._anchor = anchor or self._anchor
        elif tag in _BLOCKS:
            self._section.parts.append("\n")
            if tag in {"section", "div"} and anchor:
                self._anchor = anchor
        if self._level and anchor:
            self._anchor = anchor

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""
        elif self._level and tag == f"h{self._level}":
            self._begin_section()
        elif tag in _BLOCKS:
            self._section.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            (self._heading if self._level else self._section.parts).append(data)

    def _begin_section(self) -> None:
        self.end_section()
        heading = " ".join("".join(self._heading).split())
        self._outer = _under(self._outer, self._level, heading)
        names = tuple(name for _, name in self._outer)
        self._section = Section(names, self.getpos()[0], self._anchor)
        self._level, self._anchor = 0, ""

    def end_section(self) -> None:
        """Keep what there is of the section that was begun."""
        lines = "".join(self._section.parts).splitlines()
        folded = [" ".join(line.split()) for line in lines]
        self._section.parts = [line for line in folded if line]
        self.sections.append(self._section)


def _under(outer: list[tuple[int, str]], level: int, name: str) -> list[tuple[int, str]]:
    """Return the headings above and with a new one."""
    return [(other, above) for other, above in outer if 0 < other < level] + [(level, name)]


def _is_full(section: Section) -> bool:
    return sum(map(len, section.parts)) > _LONG


def _filled(section: Section) -> Iterator[Section]:
    if section.text:
        yield section
