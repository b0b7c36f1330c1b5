"""Nix expressions for plain values, written in one form only, and read back from that form.

Two values are more than JSON: `{"package": "zsh"}` stands for `pkgs.zsh`, and
`{"unfree": ["steam"]}` for the predicate that allows exactly those unfree packages.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_protocol.changes import Value

_KEYWORDS = frozenset({"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"})
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_UNFREE_HEAD = "pkg: builtins.elem (lib.getName pkg) "

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t", "$": "$"}


class NotCanonical(ValueError):
    """Text that this module does not write."""


def render_name(part: str) -> str:
    """Render one part of an attribute path, quoted when it has to be."""
    if _PLAIN_NAME.fullmatch(part) and part not in _KEYWORDS:
        return part
    return render_string(part)


def render_path(parts: tuple[str, ...]) -> str:
    """Render an attribute path."""
    return ".".join(render_name(part) for part in parts)


def render_string(text: str) -> str:
    """Render a string so that nothing in it is interpolated."""
    escaped = "".join(_ESCAPES.get(char, char) for char in text)
    return '"' + escaped.replace("${", "\\${") + '"'


def render(value: Value) -> str:
    """Render `value` as a Nix expression on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _render_fraction(value)
        case str():
            return render_string(value)
        case list():
            return " ".join(["[", *(_render_item(item) for item in value), "]"])
        case dict():
            return _render_attributes(value)


def _render_fraction(value: float) -> str:
    """Render a fraction; Nix takes an exponent only after a decimal point."""
    mantissa, exponent, power = json.dumps(value).partition("e")
    point = ".0" if exponent and "." not in mantissa else ""
    return mantissa + point + exponent + power


def _render_attributes(value: dict[str, Value]) -> str:
    match list(value.items()):
        case [("package", str(name))]:
            return render_path(("pkgs", *name.split(".")))
        case [("unfree", list(names))]:
            return _UNFREE_HEAD + render(names)
        case items:
            fields = (f"{render_name(key)} = {render(item)};" for key, item in items)
            return " ".join(["{", *fields, "}"])


def _render_item(item: Value) -> str:
    text = render(item)
    is_negative = isinstance(item, int | float) and text.startswith("-")
    return f"({text})" if is_negative else text


def parse(text: str) -> Value:
    """Read back what `render` wrote. Raises `NotCanonical` for anything else."""
    reader = _Reader(text)
    value = reader.value()
    reader.expect_end()
    if render(value) != text:
        raise NotCanonical(text)
    return value


def parse_path(text: str) -> tuple[str, ...]:
    """Read back what `render_path` wrote. Raises `NotCanonical` for anything else."""
    reader = _Reader(text)
    parts = reader.path()
    reader.expect_end()
    return parts


def parse_binding(text: str) -> tuple[tuple[str, ...], Value]:
    """Read back a path and its value, `a.b = 1`. Raises `NotCanonical` for anything else."""
    reader = _Reader(text)
    parts = reader.path()
    reader.expect(" = ")
    value = reader.value()
    reader.expect_end()
    if f"{render_path(parts)} = {render(value)}" != text:
        raise NotCanonical(text)
    return parts, value


class _Reader:
    """A cursor over one line of canonical text."""

    _NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
    _STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self) -> Value:
        for word, meaning in (("null", None), ("true", True), ("false", False)):
            if self._take(word):
                return meaning
        if self._take(_UNFREE_HEAD):
            return {"unfree": self.value()}
        if self._take("[ "):
            return self._list()
        if self._take("{ "):
            return self._attributes()
        if self._take("pkgs."):
            return {"package": ".".join(self.path())}
        if self._take("("):
            number = self._number()
            self.expect(")")
            return number
        if self._peek('"'):
            return self._string()
        return self._number()

    def path(self) -> tuple[str, ...]:
        parts = [self._name()]
        while self._take("."):
            parts.append(self._name())
        return tuple(parts)

    def expect(self, text: str) -> None:
        if not self._take(text):
            raise NotCanonical(self._text)

    def expect_end(self) -> None:
        if self._at != len(self._text):
            raise NotCanonical(self._text)

    def _list(self) -> Value:
        items = []
        while not self._take("]"):
            items.append(self.value())
            self.expect(" ")
        return items

    def _attributes(self) -> Value:
        fields: dict[str, Value] = {}
        while not self._take("}"):
            name = self._name()
            self.expect(" = ")
            fields[name] = self.value()
            self.expect("; ")
        return fields

    def _name(self) -> str:
        if self._peek('"'):
            return self._string()
        return self._match(_PLAIN_NAME)[0]

    def _string(self) -> str:
        raw = self._match(self._STRING)[1]
        return re.sub(r"\\(.)", lambda found: _UNESCAPES.get(found[1], found[0]), raw)

    def _number(self) -> Value:
        number = json.loads(self._match(self._NUMBER)[0])
        return number if isinstance(number, int | float) else None

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if not found:
            raise NotCanonical(self._text)
        self._at = found.end()
        return found

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        found = self._peek(text)
        if found:
            self._at += len(text)
        return found
