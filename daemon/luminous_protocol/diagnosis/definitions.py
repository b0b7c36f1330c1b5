"""Definitions: where a file of Nix sets which option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_protocol.diagnosis.tokens import Source, Token

_WORDS = frozenset({"if", "then", "else", "with", "assert", "inherit", "rec", "let", "in", "or"})


@dataclass(frozen=True, slots=True)
class Definition:
    """`a.b = …;` with the whole path of what it sets; characters where path and value stand."""

    path: tuple[str, ...]
    start: int
    value_start: int
    value_end: int


@dataclass(slots=True)
class _Level:
    """A set that is open: the path of what it is the value of, and the definition in work."""

    prefix: tuple[str, ...]
    path: tuple[str, ...] = ()
    start: int = 0
    value: int = -1
    """The number of the token after the equals sign; -1 outside a value."""


def definitions_in(source: Source) -> list[Definition]:
    """Return all definitions of a file, also inside `lib.mkIf` and the like, in no set order."""
    found: list[Definition] = []
    levels = [_Level(())]
    depth: list[str] = []
    tokens = source.tokens
    for number, token in enumerate(tokens):
        level = levels[-1]
        if token.text in {"[", "("} and token.kind == "sign":
            depth.append(token.text)
        elif token.text in {"]", ")"} and depth and depth[-1] != "{":
            depth.pop()
        elif token.text in {"{", "${"} and token.kind == "sign":
            depth.append("{")
            levels.append(_Level(level.prefix + level.path if level.value >= 0 else level.prefix))
        elif token.text == "}" and "{" in depth:
            while depth.pop() != "{":
                pass
            _finish(found, levels.pop(), tokens, number)
        elif token.text == "=" and level.value < 0:
            _begin(level, tokens, number)
        elif token.text == ";" and (not depth or depth[-1] == "{"):
            _finish(found, level, tokens, number)
    return found


def _begin(level: _Level, tokens: list[Token], number: int) -> None:
    """Take the path before an equals sign."""
    first = path_before(tokens, number)
    level.path = tuple(_part(token) for token in tokens[first:number] if token.text != ".")
    level.start = tokens[first].start if first < number else tokens[number].start
    level.value = number + 1


def _finish(found: list[Definition], level: _Level, tokens: list[Token], number: int) -> None:
    if level.value >= 0 and number > level.value:
        first, last = tokens[level.value], tokens[number - 1]
        path = level.prefix + level.path
        found.append(Definition(path, level.start, first.start, last.end))
    level.path, level.value = (), -1


def path_before(tokens: list[Token], number: int) -> int:
    """Return the first token of the attribute path that ends before token `number`."""
    first = number
    wants_part = True
    while first > 0:
        token = tokens[first - 1]
        is_part = token.kind in {"name", "text"} and token.text not in _WORDS
        if wants_part != is_part or (not wants_part and token.text != "."):
            break
        first -= 1
        wants_part = not wants_part
    return first + 1 if first < number and tokens[first].text == "." else first


def _part(token: Token) -> str:
    return token.text.strip('"') if token.kind == "text" else token.text


def definitions_of(source: Source, option: tuple[str, ...]) -> list[Definition]:
    """Return where a file sets an option, or what is below it; the nearest to the option first."""
    near = []
    for definition in definitions_in(source):
        path = definition.path[1:] if definition.path[:1] == ("config",) else definition.path
        if path[: len(option)] == option:
            near.append((len(path), definition.start, definition))
    return [definition for *_, definition in sorted(near, key=lambda item: item[:2])]
