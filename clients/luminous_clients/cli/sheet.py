"""A sheet: what is told of one thing, a label before each line, as soon as it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.prose import fold, fold_code, in_one_line, paragraphs, shorten
from luminous_clients.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from luminous_clients.cli.terminal import Terminal

    Data = Mapping[str, Any]

_LABEL = 12
_LONGEST_TYPE = 20
_SET = "…"
"""What stands behind the name of a set of options."""


class Sheet:
    """Lines on a terminal, folded to its width."""

    def __init__(self, terminal: Terminal) -> None:
        """Write to `terminal`."""
        self._terminal = terminal

    def tell(self, label: str, *texts: str, style: str = "") -> None:
        """Write texts below one another, the label before the first; empty ones are left out."""
        lines = [line for text in texts if text for line in fold(clean(text), self._room)]
        self._write(label, lines, style)

    def tell_code(self, label: str, *texts: str) -> None:
        """Write values or types below one another."""
        lines = [line for text in texts if text for line in fold_code(clean(text), self._room)]
        self._write(label, lines)

    def _write(self, label: str, lines: Sequence[str], style: str = "") -> None:
        for line in lines:
            shown = self._terminal.paint(line, style) if style else line
            self._terminal.say(self._terminal.paint(label.ljust(_LABEL), "dim") + shown)
            label = ""

    def tell_prose(self, label: str, text: str) -> None:
        """Write the paragraphs of a text."""
        self.tell(label, *paragraphs(text))

    def tell_children(self, name: str, children: Sequence[Data]) -> None:
        """List options, and sets of options, below a name."""
        if children:
            self.tell("Options", f"{len(children)} below {name}:")
        room = self._room
        rows = [_row(child) for child in children]
        if room:
            rows = [(name, shorten(kind, _LONGEST_TYPE), about) for name, kind, about in rows]
        for line in aligned(rows):
            self._terminal.say(" " * _LABEL + (shorten(line, room) if room else line))

    @property
    def _room(self) -> int:
        """The columns beside a label; 0 where no terminal is written to."""
        return self._terminal.width and self._terminal.width - _LABEL

    def flush(self) -> None:
        """Let people read what there is, while more is looked up."""
        self._terminal.flush()


def _row(child: Data) -> tuple[str, str, str]:
    name, type_name = clean(child.get("name", "")), clean(child.get("type", ""))
    if not type_name:
        return f"{name}.{_SET}", "", ""
    return name, type_name, in_one_line(child.get("text", ""))
