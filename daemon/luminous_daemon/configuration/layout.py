"""Where on its lines a text is put into a file, or taken out, so that all else stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.configuration.nodes import AttributeSet, ListLiteral, Node

_REST_OF_LINE = re.compile(r"(?:[ \t]|/\*(?s:.*?)\*/)*(?:#[^\r\n]*)?")
_SPACES = " \t\r\n"
_LINE_END = re.compile(r"\r?\n")
_BLANKS = re.compile(r"[ \t]*")


class Splice(NamedTuple):
    """A part of a text, and what stands there instead; `core` is that without its spaces."""

    start: int
    end: int
    core: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return self.before + self.core + self.after


def spliced(text: str, splices: Sequence[Splice]) -> str:
    """Return `text` after all `splices`, which do not overlap."""
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + str(splice) + text[splice.end :]
    return text


class Layout:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        """Look at `text`."""
        self._text = text

    def into_list(self, place: ListLiteral, item: str) -> Splice:
        """Put `item` behind all that is in a list."""
        text, last = self._text, place.items[-1] if place.items else None
        point, is_at_end = self._after(last.end if last else place.start + 1)
        is_one_line = "\n" not in text[place.start : place.end]
        if is_one_line or not (last or is_at_end):
            return Splice(point, point, item, " ", "" if last or text[point] in _SPACES else " ")
        if last is None:
            return Splice(point, point, item, self._new_line(point) + self._deeper(place.start))
        line = self._line_start(last.start)
        first = next(item for item in place.items if item.start >= line)
        return Splice(point, point, item, self._new_line(point) + self._indentation(first.start))

    def into_set(self, place: AttributeSet, binding: str, behind: Node | None) -> Splice:
        """Put `binding` into a set: behind one that is there, or as the first."""
        text = self._text
        point, is_at_end = self._after(behind.end if behind else place.opening + 1)
        if behind and is_at_end and "\n" in text[place.opening : place.end]:
            indentation = self._indentation(behind.start)
            return Splice(point, point, binding, self._new_line(point) + indentation)
        if behind is None and is_at_end:
            return Splice(point, point, binding, self._new_line(point) + self._deeper(place.start))
        return Splice(point, point, binding, " ", "" if text[point] in _SPACES else " ")

    def out_of(self, node: Node, siblings: Sequence[Node]) -> Splice:
        """Take `node` out of its siblings: its whole lines where it is alone on them."""
        text, start, end = self._text, node.start, node.end
        line, (behind, is_at_end) = self._line_start(start), self._after(end)
        line_end = text.find("\n", end) % (len(text) + 1)
        others = [
            other
            for other in siblings
            if other is not node and other.end > line and other.start < line_end
        ]
        if is_at_end and not others:
            end = behind
        if not text[line:start].strip():
            if is_at_end and not others:
                found = _LINE_END.match(text, end)
                return Splice(line, found.end() if found else end, "")
            return self._out_of_start(node, siblings, has_others=bool(others))
        before = len(text[:start].rstrip(" \t"))
        if before == start and others:
            end = self._behind_blanks(end)
        return Splice(before, end, "")

    def _out_of_start(self, node: Node, siblings: Sequence[Node], *, has_others: bool) -> Splice:
        """Take a node out that begins a line on which something follows."""
        earlier = max((other.end for other in siblings if other.end <= node.start), default=-1)
        between = self._text[earlier : node.start].rstrip() if earlier >= 0 else "#"
        if not has_others and "#" not in between:
            return Splice(earlier + len(between), node.end, "")
        return Splice(node.start, self._behind_blanks(node.end), "")

    def _behind_blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at

    def _after(self, at: int) -> tuple[int, bool]:
        """Return the place behind `at` and the comments that follow it on its line.

        Tell too whether the line ends there.
        """
        match = _REST_OF_LINE.match(self._text, at)
        end = match.end() if match else at
        if self._text[end : end + 1] in {"\r", "\n", ""}:
            return end, True
        return at + len(self._text[at:end].rstrip(" \t")), False

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _indentation(self, at: int) -> str:
        """Return what stands before `at` on its line, as spaces and tabs."""
        return re.sub(r"[^\t]", " ", self._text[self._line_start(at) : at])

    def _new_line(self, at: int) -> str:
        """Return the end of a line as this part of the file has it."""
        end = self._text.find("\n", at)
        end = self._text.rfind("\n") if end < 0 else end
        return "\r\n" if end > 0 and self._text[end - 1] == "\r" else "\n"

    def _deeper(self, at: int) -> str:
        """Return an indentation one step deeper than that of the line that holds `at`."""
        spaces = _BLANKS.match(self._text, self._line_start(at))
        has_tabs = re.search(r"^\t", self._text, re.MULTILINE) is not None
        return (spaces[0] if spaces else "") + ("\t" if has_tabs else "  ")
