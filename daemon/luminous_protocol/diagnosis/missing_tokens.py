"""Missing tokens: which one a file lacks or has too much, where Nix cannot read it.

Nix says where it stumbled, which is mostly behind the mistake. Here the file's own tokens say what
is still open there, and what stands before it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_protocol.diagnosis.definitions import path_before
from luminous_protocol.diagnosis.repairs import in_file
from luminous_protocol.diagnosis.report import Place
from luminous_protocol.diagnosis.tokens import closing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.diagnosis.report import Diagnosis
    from luminous_protocol.diagnosis.tokens import Source, Token

    Finder = Callable[[Diagnosis, Source], Diagnosis]

_LONGEST = 30
_INDENTATION = re.compile(r"[ \t]*")


def placed_at(diagnosis: Diagnosis, source: Source, offset: int) -> Diagnosis:
    """Return a diagnosis with the place of a character of its file."""
    if diagnosis.place is None:
        return diagnosis
    return replace(diagnosis, place=Place(diagnosis.place.file, *source.position(offset)))


def _advised(diagnosis: Diagnosis, *advice: str, summary: str = "", cause: str = "") -> Diagnosis:
    """Return a diagnosis that says of this file what its kind says of all."""
    return replace(
        diagnosis,
        advice=advice,
        summary=summary or diagnosis.summary,
        cause=cause or diagnosis.cause,
    )


def _at(source: Source, offset: int) -> str:
    line, column = source.position(offset)
    return f"line {line}, column {column}"


def _opening(source: Source, token: Token) -> str:
    """Name a bracket by its place."""
    return f"the {token.text} of {_at(source, token.start)}"


def _after(source: Source, token: Token) -> str:
    """Name the place behind a token, and the token where it is short."""
    name = token.text if len(token.text) <= _LONGEST and "\n" not in token.text else ""
    return f"after {name} in {_at(source, token.end)}" if name else f"in {_at(source, token.end)}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _met(diagnosis: Diagnosis, source: Source) -> int | None:
    """Return the number of the token at which Nix stumbled; None where no line is known."""
    place = diagnosis.place
    if place is None or not place.line:
        return None
    return source.at(source.offset(place.line, place.column))


def _semicolon(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Go back to the end of what lacks its semicolon."""
    number = _met(diagnosis, source)
    tokens = source.tokens
    if number is None:
        return diagnosis
    if number < len(tokens) and tokens[number].text == "=":
        number = path_before(tokens, number)
    if number <= 0:
        return diagnosis
    told = _advised(diagnosis, f"Write ; {_after(source, tokens[number - 1])}.")
    return _inserted(told, source, number, ";")


def _inserted(diagnosis: Diagnosis, source: Source, number: int, token: str) -> Diagnosis:
    """Offer to put `token` between token `number` and the one before it."""
    tokens, place = source.tokens, diagnosis.place
    if number <= 0 or place is None:
        return diagnosis
    stands = tokens[number].text if number < len(tokens) else ""
    start = tokens[number].start if stands else len(source.text.rstrip())
    file = Place(place.file, *source.position(start))
    change = in_file(replace(diagnosis, place=file), "insert-token", old=stands[:200], new=token)
    return replace(placed_at(diagnosis, source, tokens[number - 1].end), repairs=(change,))


def _end(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Offer to close what one bracket lacks at the end of the file, or name the likely one."""
    tokens = source.tokens
    if not tokens:
        return diagnosis
    opened = source.open_at(len(source.text))
    # Where a semicolon is expected, what is open has to be closed further up.
    if len(opened) == 1 and not diagnosis.names.get("expected"):
        mark = closing(opened[0])
        advice = f"Write {mark} at the end, {_after(source, tokens[-1])}: it closes "
        told = _advised(diagnosis, f"{advice}{_opening(source, opened[0])}.")
        return _inserted(told, source, len(tokens), mark)
    left = _left_open(source)
    if left is None:
        return placed_at(diagnosis, source, tokens[-1].end)
    told = _advised(
        diagnosis,
        f"Write {closing(left)} where what {_opening(source, left)} opens is to end.",
        cause=f"{_capital(_opening(source, left))} seems not to be closed: what closes there "
        "stands as far in as something around it. Nix reached the end of the file inside of it.",
    )
    return placed_at(told, source, left.start)


def _left_open(source: Source) -> Token | None:
    """Return the bracket that lacks its other one, as far as the indentation tells.

    A closing bracket at the beginning of a line stands where the line of its opening one begins;
    where it stands as another open one does, those between lack theirs.
    """
    opened: list[Token] = []
    for token in source.tokens:
        if token.kind != "sign":
            continue
        if token.text in {"{", "${", "[", "("}:
            opened.append(token)
        elif token.text in {"}", "]", ")"}:
            if not opened or closing(opened[-1]) != token.text:
                return opened[-1] if opened else None
            if _is_of_outer(source, token, opened):
                return opened[-1]
            opened.pop()
    return opened[-1] if opened else None


def _is_of_outer(source: Source, token: Token, opened: list[Token]) -> bool:
    """Tell whether a closing bracket stands as those of an outer one do, and not of the inner."""
    depth = _indentation(source, token)
    if source.text[: token.start].rpartition("\n")[2].strip():
        return False
    inner, *outer = reversed(opened)
    return _indentation(source, inner) != depth and any(
        closing(other) == token.text and _indentation(source, other) == depth for other in outer
    )


def _indentation(source: Source, token: Token) -> str:
    """Return what stands before the first word of the line of a token."""
    found = _INDENTATION.match(source.text, source.text.rfind("\n", 0, token.start) + 1)
    return found[0] if found else ""


def _before_semicolon(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Offer to close a list or a parenthesis in front of a semicolon, or to take it out."""
    number = _met(diagnosis, source)
    if number is None or not 0 < number < len(source.tokens):
        return diagnosis
    token, before = source.tokens[number], source.tokens[number - 1]
    opened = source.open_at(token.start)
    if opened and opened[-1].text in {"[", "("}:
        return _closed(diagnosis, source, number, "")
    if token.text == ";" and before.text in {";", "{"} and before.kind == "sign":
        told = _advised(
            placed_at(diagnosis, source, token.start),
            f"Take the ; in {_at(source, token.start)} away.",
            summary="There is one ; too many.",
            cause="A semicolon ends a definition, and before this one there is none to end.",
        )
        return replace(told, repairs=(in_file(told, "remove-token", old=";"),))
    if before.text == "=":
        return _advised(
            placed_at(diagnosis, source, before.end),
            f"Write the value {_after(source, before)}.",
            summary="There is no value between = and the semicolon.",
            cause="A definition is a name, =, a value and a semicolon.",
        )
    return diagnosis


def _closed(diagnosis: Diagnosis, source: Source, number: int, then: str) -> Diagnosis:
    """Say what closes the innermost bracket before token `number`, and offer it, if it is all."""
    token, before = source.tokens[number], source.tokens[number - 1]
    left = source.open_at(token.start)[-1]
    mark = closing(left)
    told = _advised(
        diagnosis,
        f"Write {mark}{then} {_after(source, before)}.",
        summary=f"{_capital(_opening(source, left))} is not closed: its {mark} is missing.",
        cause=f"It is still open at the {source.tokens[number].text[:_LONGEST]} of "
        f"{_at(source, token.start)}, which cannot stand inside of it.",
    )
    return placed_at(told, source, before.end) if then else _inserted(told, source, number, mark)


def _text(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Find the text that goes on over the end of its line, and offer to end it there."""
    place = diagnosis.place
    for token in source.tokens:
        if token.kind == "text" and token.text.startswith('"') and "\n" in token.text and place:
            row = token.text.partition("\n")[0].rstrip()
            end = token.start + len(row) - row.endswith(";")
            told = _advised(
                placed_at(diagnosis, source, token.start),
                f'Write " where the text that begins in {_at(source, token.start)} is to end: '
                f"perhaps in column {source.position(end)[1]}.",
            )
            if not row.endswith(";"):
                return told
            at = Place(place.file, *source.position(end))
            change = in_file(replace(diagnosis, place=at), "insert-token", old=";", new='"')
            return replace(told, repairs=(change,))
    return diagnosis


def _surplus(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Name the place of what is too much."""
    number = _met(diagnosis, source)
    token = diagnosis.names.get("token", "")
    if number is None or number >= len(source.tokens) or source.tokens[number].text != token:
        return diagnosis
    return _advised(
        diagnosis,
        f"Take the {token} in {_at(source, source.tokens[number].start)} away, or look above "
        "whether something was closed too early.",
    )


def _comma(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Name the place of the comma."""
    number = _met(diagnosis, source)
    if number is None or number >= len(source.tokens) or source.tokens[number].text != ",":
        return diagnosis
    at = _at(source, source.tokens[number].start)
    return _advised(diagnosis, f"Write ; instead of the comma in {at}.")


def _unexpected(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Say what is open where a definition begins, and what a colon is where one belongs."""
    number, tokens = _met(diagnosis, source), source.tokens
    if number is None or not 0 < number < len(tokens):
        return diagnosis
    opened = source.open_at(tokens[number].start)
    mark = opened[-1].text if opened else ""
    if tokens[number].text == "=" and mark in {"[", "("}:
        first = path_before(tokens, number)
        return _closed(diagnosis, source, first, ";") if 0 < first < number else diagnosis
    if tokens[number].text == ":" and mark == "{":
        return _advised(
            diagnosis,
            f"Write = instead of the : in {_at(source, tokens[number].start)}, if it is to have a "
            "value.",
        )
    return diagnosis


FINDERS: Mapping[str, Finder] = {
    "missing-semicolon": _semicolon,
    "unclosed": _end,
    "misplaced-semicolon": _before_semicolon,
    "unclosed-string": _text,
    "surplus-token": _surplus,
    "comma-for-semicolon": _comma,
    "syntax-error": _unexpected,
}
