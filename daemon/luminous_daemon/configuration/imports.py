"""One more import in somebody's own configuration, where the syntax shows a plain place for it.

Nothing is rewritten: the place is found among the tokens, and the text is put in there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luminous_daemon.configuration.tokens import NotNix, pairs_of, tokens_of

if TYPE_CHECKING:
    from luminous_daemon.configuration.tokens import Token

_REST_OF_LINE = re.compile(r"(?:[ \t]|/\*(?s:.*?)\*/)*(?:#[^\r\n]*)?")
_IMPORTS = {"imports", '"imports"'}
_SPACES = " \t\r\n"

_NO_SYNTAX = "its syntax is not understood well enough"
_NO_BODY = "it is not one plain attribute set"
_NO_NAMES = "a name in it is computed, or has an escape, and might be that of its imports"
_NO_LIST = "its imports are not one plain list"


class NotPlain(ValueError):
    """A file of another shape; the text goes on after "because"."""


class Place(NamedTuple):
    """Where something is put in, and what stands around it there."""

    at: int
    before: str
    after: str


def add_import(text: str, item: str) -> str:
    """Return the module `text` with `item` as the last of its imports. Raises `NotPlain`."""
    try:
        place = _Module(text).place(item)
    except (NotNix, IndexError, KeyError):
        raise NotPlain(_NO_SYNTAX) from None
    return text[: place.at] + place.before + item + place.after + text[place.at :]


class _Module:
    """A module's tokens. An index that leads nowhere means a syntax that is not understood."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._pairs = pairs_of(self._tokens)

    def place(self, item: str) -> Place:
        """Return the place for one more import."""
        body = self._body()
        values = [value for name, value in self._bindings(body) if name in _IMPORTS]
        if not values:
            return self._place_in_body(body)
        if len(values) > 1:
            raise NotPlain("it defines its imports twice")
        first, end = values[0]
        if not self._is(first, "[") or self._pairs[first] != end - 1:
            raise NotPlain(_NO_LIST)
        units = self._units(first)
        if any(self._text[unit.start : unit.end] == item for unit in units):
            raise NotPlain(f"it names {item} already")
        return self._place_in_list(self._tokens[first], units, self._tokens[end - 1])

    def _is(self, index: int, *marks: str) -> bool:
        """Tell whether one of `marks` stands at `index`."""
        return index < len(self._tokens) and self._tokens[index].text in marks

    def _body(self) -> int:
        """Return the index of the bracket that opens the module's attribute set."""
        at = self._after_arguments()
        if self._is(at, "let"):
            at = self._after_let(at)
        if self._is(at, "rec"):
            at += 1
        if not self._is(at, "{") or self._pairs[at] != len(self._tokens) - 1:
            raise NotPlain(_NO_BODY)
        return at

    def _after_arguments(self) -> int:
        """Return the index after the arguments of a module that is a function, else 0."""
        if self._is(0, "{"):
            end = self._pairs[0] + 1
            if self._is(end, "@"):
                end += 2
        else:
            end = 1
            if self._is(1, "@") and self._is(2, "{"):
                end = self._pairs[2] + 1
        return end + 1 if self._is(end, ":") else 0

    def _after_let(self, at: int) -> int:
        """Return the index after the `in` that belongs to the `let` at `at`."""
        depth = 0
        while True:
            if self._is(at, "let"):
                if self._is(at + 1, "{"):
                    raise NotPlain(_NO_SYNTAX)  # an old form of let, which has no `in`
                depth += 1
            depth -= self._is(at, "in")
            at = self._pairs.get(at, at) + 1
            if not depth:
                return at
            if at >= len(self._tokens):
                raise NotPlain(_NO_SYNTAX)

    def _bindings(self, body: int) -> list[tuple[str, tuple[int, int]]]:
        """Return the attribute set's bindings: the name, and where the value begins and ends."""
        found: list[tuple[str, tuple[int, int]]] = []
        at, close = body + 1, self._pairs[body]
        while at < close:
            if self._is(at, "inherit"):
                end = self._semicolon(at)
                self._check_inherited(at + 1, end)
            else:
                sign = self._equals(at)
                end = self._semicolon(sign)
                name = self._name(at)
                found.append(("" if sign > at + 1 else name, (sign + 1, end)))
            at = end + 1
        return found

    def _check_inherited(self, at: int, end: int) -> None:
        """Raise `NotPlain` where `imports` stands among what is inherited, or may do so."""
        while at < end:
            if self._name(at) in _IMPORTS:
                raise NotPlain("it inherits its imports")
            at = self._pairs.get(at, at) + 1

    def _name(self, at: int) -> str:
        """Return the name at `at`. Raises `NotPlain` for one that only Nix can tell."""
        token = self._tokens[at]
        is_escaped = token.kind == "string" and ("\\" in token.text or "${" in token.text)
        if token.text == "${" or is_escaped:
            raise NotPlain(_NO_NAMES)
        return token.text

    def _equals(self, at: int) -> int:
        while not self._is(at, "="):
            at = self._pairs.get(at, at) + 1
            if self._tokens[at].text in {";", "}"}:
                raise NotPlain(_NO_SYNTAX)
        return at

    def _semicolon(self, at: int) -> int:
        """Return the index of the semicolon that ends a binding; some belong to its value."""
        waiting = lets = 0
        while True:
            word = self._tokens[at].text
            lets += (word == "let") - (word == "in")
            if not lets:
                waiting += word in {"with", "assert"}
                if word == ";":
                    if not waiting:
                        return at
                    waiting -= 1
            at = self._pairs.get(at, at) + 1

    def _units(self, bracket: int) -> list[Token]:
        """Return what stands in a list; a bracket with everything in it is one token."""
        found = []
        at, close = bracket + 1, self._pairs[bracket]
        while at < close:
            first, last = self._tokens[at], self._tokens[self._pairs.get(at, at)]
            found.append(first._replace(end=last.end))
            at = self._pairs.get(at, at) + 1
        return found

    def _place_in_list(self, bracket: Token, units: list[Token], close: Token) -> Place:
        text = self._text
        last = units[-1] if units else bracket
        point, is_at_end = self._after(last)
        is_one_line = "\n" not in text[bracket.start : close.end]
        if is_one_line or not (units or is_at_end):
            return Place(point, " ", "" if units or text[point] in _SPACES else " ")
        if not units:
            return Place(point, self._new_line(point) + self._deeper(bracket.start), "")
        line = self._line_start(last.start)
        first = next(unit for unit in units if unit.start >= line)
        indentation = re.sub(r"[^\t]", " ", text[line : first.start])
        return Place(point, self._new_line(point) + indentation, "")

    def _place_in_body(self, body: int) -> Place:
        text, bracket, first = self._text, self._tokens[body], self._tokens[body + 1]
        point, is_at_end = self._after(bracket)
        if not is_at_end:
            after = "" if text[point] in _SPACES else " "
            return Place(point, " imports = [ ", f" ];{after}")
        indentation = text[self._line_start(first.start) : first.start]
        if indentation.strip() or self._pairs[body] == body + 1:
            indentation = self._deeper(bracket.start)
        return Place(point, f"{self._new_line(point)}{indentation}imports = [ ", " ];")

    def _after(self, token: Token) -> tuple[int, bool]:
        """Return the place behind a token and the comments that follow it on its line.

        Tell too whether the line ends there.
        """
        match = _REST_OF_LINE.match(self._text, token.end)
        end = match.end() if match else token.end
        if self._text[end : end + 1] in {"\r", "\n"}:
            return end, True
        return token.end + len(self._text[token.end : end].rstrip(" \t")), False

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _new_line(self, at: int) -> str:
        """Return the end of a line as this part of the file has it."""
        end = self._text.find("\n", at)
        return "\r\n" if self._text[max(end - 1, 0) : end] == "\r" else "\n"

    def _deeper(self, at: int) -> str:
        """Return an indentation one step deeper than that of the line that holds `at`."""
        line = self._line_start(at)
        spaces = re.match(r"[ \t]*", self._text[line:at])
        has_tabs = re.search(r"^\t", self._text, re.MULTILINE) is not None
        return (spaces[0] if spaces else "") + ("\t" if has_tabs else "  ")
