"""Tokens: a file of Nix cut into words, well enough to find a place in it, broken files too.

It follows libexpr/lexer.l. A text is one token, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<path>(?:[\w.+-]+)?(?:/[\w.+-]+)+/?|~(?:/[\w.+-]+)+|<[\w.+/-]+>)"
    r"|(?P<name>[A-Za-z_][\w'-]*)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<text>\"|'')"
    r"|(?P<sign>\.\.\.|==|!=|<=|>=|->|//|\+\+|&&|\|\||\$\{|.)",
    re.DOTALL,
)
_OPENING = {"{": "}", "${": "}", "[": "]", "(": ")"}
MAX_SOURCE = 256 * 1024
"""Characters. A configuration by hand is no longer."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a file, with its first character and the one after its last."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """A file's text and its tokens."""

    def __init__(self, text: str) -> None:
        """Cut it into tokens."""
        self.text = text[:MAX_SOURCE]
        self.tokens = list(_tokens(self.text))

    def offset(self, line: int, column: int) -> int:
        """Return the character at a line and a column, which counts bytes, as Nix tells them."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
            if start == 0:
                return len(self.text)
        end = self.text.find("\n", start)
        row = self.text[start : end if end >= 0 else len(self.text)]
        before = row.encode()[: max(column - 1, 0)].decode(errors="ignore")
        return start + len(before)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a character."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, len(self.text[start:offset].encode()) + 1

    def at(self, offset: int) -> int:
        """Return which token stands at a character, or is the next one after it."""
        return next(
            (number for number, token in enumerate(self.tokens) if token.end > offset),
            len(self.tokens),
        )

    def open_at(self, offset: int) -> list[Token]:
        """Return what is opened before a character and not closed there, the outermost first."""
        opened: list[Token] = []
        for token in self.tokens:
            if token.start >= offset:
                break
            if token.kind == "sign" and token.text in _OPENING:
                opened.append(token)
            elif opened and token.kind == "sign" and token.text == _OPENING[opened[-1].text]:
                opened.pop()
        return opened


def closing(token: Token) -> str:
    """Return what closes an opening token."""
    return _OPENING[token.text]


def _tokens(text: str) -> Iterator[Token]:
    offset = 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None:
            return
        kind = str(found.lastgroup)
        end = _end_of_text(text, found.end(), found[0]) if kind == "text" else found.end()
        if kind != "space":
            yield Token(kind, text[offset:end], offset, end)
        offset = end


_IN_TEXT = {
    '"': re.compile(r'\\.|\$\$|\$\{|"', re.DOTALL),
    "''": re.compile(r"'''|''\$|''\\.|\$\$|\$\{|''", re.DOTALL),
}
_DEEPEST = 20


def _end_of_text(text: str, offset: int, quote: str, depth: int = 0) -> int:
    """Return where a text ends whose opening quote ends at `offset`; a broken one ends the file."""
    for found in _IN_TEXT[quote].finditer(text, offset):
        if found.start() < offset:
            continue
        if found[0] == quote:
            return found.end()
        if found[0] == "${" and depth < _DEEPEST:
            offset = _end_of_insertion(text, found.end(), depth + 1)
    return len(text)


def _end_of_insertion(text: str, offset: int, depth: int) -> int:
    """Return where an expression inside a text ends, which begins at `offset`."""
    level = 1
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None:
            break
        offset = found.end()
        if found.lastgroup == "text":
            offset = _end_of_text(text, offset, found[0], depth)
        elif found[0] in {"{", "${"}:
            level += 1
        elif found[0] == "}":
            level -= 1
            if level == 0:
                return offset
    return len(text)
