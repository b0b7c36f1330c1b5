"""The terminal: where ask-nix writes and asks, and what it may use there."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLES: Mapping[str, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}

_USUAL_WIDTH = 80
_WIDEST = 100
"""Columns. Longer lines of prose are hard to read."""

_ASCII: Mapping[str, str] = {
    "→": "->",
    "·": "-",
    "…": "...",
    "•": "*",
    "“": '"',
    "”": '"',
    "━": "=",
    "╸": "=",
    "╺": "-",
}


def _spell_in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_ASCII.get(character, "?") for character in bad), error.end


codecs.register_error("ask-nix", _spell_in_ascii)


class Streams(NamedTuple):
    """Where answers come from, and where results and complaints go."""

    source: TextIO
    out: TextIO
    err: TextIO


class Terminal:
    """Standard input, output and error, and the manners that fit them.

    `is_interactive`: somebody can be asked. `is_live`: standard output can be drawn over.
    `has_colour`: it takes colours. `is_quiet`: standard output belongs to one JSON document.
    `lost`: why nothing reaches its reader any more. A change is followed to its end all the same.
    """

    def __init__(
        self, streams: Streams, *, is_quiet: bool = False, wants_colour: bool = True
    ) -> None:
        """Find out about the streams; `wants_colour` is what the command line says."""
        source, out, err = self.source, self.out, self.err = streams
        self.is_quiet = is_quiet
        self.lost: OSError | None = None
        is_dumb = os.environ.get("TERM", "dumb") in {"", "dumb"}
        self.is_live = out.isatty() and not is_dumb and not is_quiet
        self.has_colour = self.is_live and wants_colour and not os.environ.get("NO_COLOR")
        self.is_interactive = source.isatty() and err.isatty() and not is_quiet

    @classmethod
    def standard(cls, *, is_quiet: bool, wants_colour: bool) -> Terminal:
        """Use the process's own streams; what their encoding lacks is spelt in ASCII."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="ask-nix")
        # A stream that was closed before the start is None.
        streams = Streams(
            sys.stdin or io.StringIO(), sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
        )
        return cls(streams, is_quiet=is_quiet, wants_colour=wants_colour)

    @property
    def width(self) -> int:
        """The columns that lines are folded to; 0 where no terminal is written to."""
        if not self.out.isatty():
            return 0
        try:
            columns = os.get_terminal_size(self.out.fileno()).columns
        except OSError:
            columns = 0
        return min(columns or _USUAL_WIDTH, _WIDEST)

    def say(self, line: str = "") -> None:
        """Write a line that the person asked for."""
        if not self.is_quiet:
            self.put(line + "\n")

    def put(self, text: str) -> None:
        """Write text for whoever reads standard output."""
        try:
            self.out.write(text)
        except OSError as error:
            self._lose_reader(error)

    def complain(self, line: str) -> None:
        """Write a line about something that went wrong."""
        if not self.is_quiet:
            self.flush()
            self.err.write(line + "\n")

    def trace(self, line: str) -> None:
        """Write a line for somebody who looks into ask-nix itself; JSON does not silence it."""
        self.err.write(line + "\n")

    def ask(self, question: str) -> str:
        """Ask a question and return the answer; at the end of input, an empty one."""
        self.put_question(question)
        return self.source.readline().strip()

    def put_question(self, question: str) -> None:
        """Write a question where the person sees it, even when output goes into a file."""
        self.flush()
        stream = self.out if self.out.isatty() else self.err
        stream.write(question)
        stream.flush()

    def flush(self) -> None:
        """Bring everything written to its reader."""
        try:
            self.out.flush()
        except OSError as error:
            self._lose_reader(error)
        self.err.flush()

    def _lose_reader(self, error: OSError) -> None:
        """Go on without the reader of standard output: `head` has left, or the disk is full."""
        self.lost = error
        self.is_live = False
        self.out = io.StringIO()

    def paint(self, text: str, style: str) -> str:
        """Return `text` in one of the few styles, where colours are wanted."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.has_colour else text
