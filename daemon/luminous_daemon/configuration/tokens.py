"""The tokens of a Nix file, with their places: enough of its syntax to find one's way, no more.

The rules are those of Nix's own lexer, for what it takes for a comment, a string or a path decides
which brackets count: https://github.com/NixOS/nix/blob/2.26.3/src/libexpr/lexer.l
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING = {"{": "}", "${": "}", "[": "]", "(": ")"}
_CLOSING = frozenset(OPENING.values())
_DEEPEST = 40

_PATH_CHAR = r"[A-Za-z0-9._+-]"
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<comment>\#[^\r\n]*|/\*(?s:.*?)\*/)
    | (?P<search><{_PATH_CHAR}+(?:/{_PATH_CHAR}+)*>)
    | (?P<number>(?:[1-9][0-9]*\.[0-9]*|0?\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[0-9]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_'-]*)
    | (?P<string>"|'')
    | (?P<mark>\$\{{|\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|\|>|<\||/(?!\*)
        |[-+*<>!?@:;,.={{}}()\[\]])
    """,
    re.VERBOSE,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_SCHEME_REST = re.compile(r":[A-Za-z0-9%/?:@&=+$,_.!~*'-]+")
_FIRST_NAME = re.compile(rf"~|{_PATH_CHAR}*")
_SLASH = re.compile(rf"/(?={_PATH_CHAR}|\$\{{)")
_PATH_REST = re.compile(rf"(?:{_PATH_CHAR}|/)+")
_PLAIN = re.compile(r"(?s)(?:[^$\"\\]|\\.|\$\\.|\$[^{\"\\])*")
_PLAIN_INDENTED = re.compile(r"(?s)(?:[^$']|\$[^{']|'[^'$])*")


_ESCAPE = re.compile(r"(?s)\\(.)|\r\n?")
_FIRST_LINE = re.compile(r"\A *\n")
_INDENTED_PART = re.compile(r"(?s)(?:[^$']|\$[^{']|'[^'$])+|''\$|'''|[$']")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class NotNix(ValueError):
    """Text that these rules do not understand."""


class Token(NamedTuple):
    """A token: `kind` is word, mark, string, path, uri, search, number, comment or space.

    `inside` says where in the text the expressions lie that are interpolated in it.
    """

    kind: str
    text: str
    start: int
    end: int
    inside: tuple[tuple[int, int], ...] = ()


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of `text` but for spaces and comments. Raises `NotNix`.

    A string or a path is one token, with everything that is interpolated in it.
    """
    return [token for token in all_tokens(text) if token.kind not in {"space", "comment"}]


def all_tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Give every token between two places of `text`, spaces and comments too. Raises `NotNix`."""
    lexer = _Lexer(text)
    at, end = start, len(text) if end is None else end
    while at < end:
        token = lexer.next(at, 0)
        yield token
        at = token.end


def string_value(token: Token) -> str | None:
    """Return the string that a token is; None where only Nix can tell it."""
    if token.kind == "uri":
        return token.text
    if token.inside:
        return None
    if token.text.startswith("''"):
        return _indented_value(token.text[2:-2])
    return _ESCAPE.sub(_unescaped, token.text[1:-1])


def _indented_value(text: str) -> str | None:
    """Return what an indented string without interpolations is, as Nix takes its indentation off.

    Not every Nix reads a carriage return or a backslash there in the same way.
    """
    if "\r" in text or "''\\" in text:
        return None
    parts = (_part(found) for found in _INDENTED_PART.finditer(_FIRST_LINE.sub("", text)))
    lines = "".join(parts).split("\n")
    depths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")]
    least = min(depths, default=len(text))
    kept = [line[:least].lstrip(" ") + line[least:] for line in lines]
    if len(kept) > 1 and not kept[-1].strip(" "):
        kept[-1] = ""
    return "\n".join(kept)


def _part(found: re.Match[str]) -> str:
    return {"''$": "$", "'''": "''"}.get(found[0], found[0])


def _unescaped(found: re.Match[str]) -> str:
    char = found[1]
    return "\n" if char is None else _ESCAPED.get(char, char)


def pairs_of(tokens: list[Token]) -> dict[int, int]:
    """Return, by the index of each opening bracket, that of the closing one. Raises `NotNix`."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in OPENING:
            opened.append(index)
        elif token.kind == "mark" and token.text in _CLOSING:
            if not opened or OPENING[tokens[opened[-1]].text] != token.text:
                raise NotNix(f"a bracket closes at {token.start} that is not open")
            pairs[opened.pop()] = index
    if opened:
        raise NotNix("a bracket is never closed")
    return pairs


class _Lexer:
    """The rules for one text.

    What begins a URI or a path may be as long as the text and turn out to be none. It is looked
    through once, not again from each of its parts, so the work grows with the text's length only.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._uri_from = self._path_from = 0
        """Before these places no URI and no path begins any more."""

    def next(self, at: int, depth: int) -> Token:
        """Return the token that begins at `at`, with so many interpolations around it."""
        text = self._text
        if depth > _DEEPEST:
            raise NotNix(f"too many interpolations lie in one another at {at}")
        if end := self._uri_end(at):
            return Token("uri", text[at:end], at, end)
        inside: list[tuple[int, int]] = []
        if end := self._path_start_end(at):
            end = self._path_end(end, depth, inside)
            return Token("path", text[at:end], at, end, tuple(inside))
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotNix(f"no token begins at {at}")
        kind, end = str(match.lastgroup), match.end()
        if kind == "string":
            ending = self._string_end if match[0] == '"' else self._indented_end
            end = ending(end, depth, inside)
        return Token(kind, text[at:end], at, end, tuple(inside))

    def _uri_end(self, at: int) -> int:
        """Return where a URI ends that begins at `at`; 0 where none does."""
        if at < self._uri_from:
            return 0
        scheme = _SCHEME.match(self._text, at)
        if scheme is None:
            return 0
        self._uri_from = scheme.end()
        rest = _SCHEME_REST.match(self._text, scheme.end())
        return rest.end() if rest else 0

    def _path_start_end(self, at: int) -> int:
        """Return where the first slash ends of a path that begins at `at`; 0 where none does."""
        if at < self._path_from:
            return 0
        self._path_from = _end_of(_FIRST_NAME, self._text, at)
        slash = _SLASH.match(self._text, self._path_from)
        return slash.end() if slash else 0

    def _path_end(self, at: int, depth: int, inside: list[tuple[int, int]]) -> int:
        """Return where a path ends that has begun before `at`; it may go on with interpolations."""
        text = self._text
        while True:
            if text.startswith("${", at):
                end = self._interpolation_end(at + 2, depth)
                inside.append((at + 2, end - 1))
                at = end
            elif match := _PATH_REST.match(text, at):
                at = match.end()
            else:
                return at

    def _string_end(self, at: int, depth: int, inside: list[tuple[int, int]]) -> int:
        """Return where a string ends whose quote stands before `at`."""
        text = self._text
        while True:
            at = _end_of(_PLAIN, text, at)
            if text.startswith("${", at):
                end = self._interpolation_end(at + 2, depth)
                inside.append((at + 2, end - 1))
                at = end
            elif text.startswith('$"', at):
                return at + 2
            elif text.startswith('"', at):
                return at + 1
            else:
                raise NotNix("a string is never closed")

    def _indented_end(self, at: int, depth: int, inside: list[tuple[int, int]]) -> int:
        """Return where a string in two single quotes ends, which stand before `at`."""
        text = self._text
        while True:
            at = _end_of(_PLAIN_INDENTED, text, at)
            if text.startswith("${", at):
                end = self._interpolation_end(at + 2, depth)
                inside.append((at + 2, end - 1))
                at = end
            elif text.startswith("''\\", at):
                at += 4
            elif text.startswith(("'''", "''$"), at):
                at += 3
            elif text.startswith("''", at):
                return at + 2
            elif at < len(text):
                at += 1  # a dollar sign or a quote that means nothing here
            else:
                raise NotNix("a string is never closed")

    def _interpolation_end(self, at: int, depth: int) -> int:
        """Return where an interpolation ends whose bracket stands before `at`."""
        opened = 1
        while opened:
            token = self.next(at, depth + 1)
            if token.kind == "mark":
                opened += (token.text in {"{", "${"}) - (token.text == "}")
            at = token.end
        return at


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
