"""A place in a text as Nix tells it: lines from 1, and columns from 1 in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from luminous_daemon.configuration.not_editable import NotEditable


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a text, of which `start` is exact, or not. Without a line it is all of the text."""

    start: int
    end: int
    is_exact: bool

    def chosen(self, starts: list[int]) -> list[int]:
        """Return which of `starts` are meant: that at the place, or those that follow in its line.

        Nix tells of a name in a longer expression where that begins.
        """
        if self.is_exact and self.start in starts:
            return [self.start]
        return [at for at in starts if self.start <= at < self.end]


def place_in(text: str, line: int, column: int) -> Place:
    """Return the place of that line and column; 0 means that it is not known.

    Raises `NotEditable` where there is no such place.
    """
    if not line:
        return Place(0, len(text) + 1, is_exact=False)
    lines = text.split("\n")
    if line > len(lines):
        raise NotEditable(f"it has no line {line}")
    begin = sum(len(other) + 1 for other in lines[: line - 1])
    encoded = lines[line - 1].encode()
    if column > len(encoded) + 1:
        raise NotEditable(f"its line {line} has no column {column}")
    before = encoded[: max(column - 1, 0)].decode(errors="replace")
    end = begin + len(lines[line - 1]) + 1
    return Place(begin + len(before), end, is_exact=bool(column))
