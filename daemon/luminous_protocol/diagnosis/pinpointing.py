"""Pinpointing: the very place of a mistake, and its repair, where the person's files can be read.

A message names a file, or nothing at all, where the files themselves tell the line. Who asks reads
them with the rights of the person; nothing here opens any.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_protocol.changes import split_option
from luminous_protocol.diagnosis import missing_tokens
from luminous_protocol.diagnosis.definitions import definitions_in, definitions_of
from luminous_protocol.diagnosis.elements import list_of
from luminous_protocol.diagnosis.hashes import spellings
from luminous_protocol.diagnosis.missing_files import missing_file
from luminous_protocol.diagnosis.missing_tokens import placed_at
from luminous_protocol.diagnosis.refused_packages import REFUSED, refused_package
from luminous_protocol.diagnosis.repairs import changes_for, in_file
from luminous_protocol.diagnosis.report import Place
from luminous_protocol.diagnosis.tokens import Source
from luminous_protocol.diagnosis.values import fitting_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.diagnosis.missing_files import Sources
    from luminous_protocol.diagnosis.report import Diagnosis

    Finder = Callable[[Diagnosis, Source], Diagnosis]


def pinpoint(diagnosis: Diagnosis, sources: Sources) -> Diagnosis:
    """Return a diagnosis with the very place, and with repairs that need to know it."""
    if diagnosis.kind in {"missing-file", "untracked-file"}:
        diagnosis = missing_file(diagnosis, sources)
    if diagnosis.kind in REFUSED:
        diagnosis = refused_package(diagnosis, sources)
    diagnosis = _in_some_file(diagnosis, sources)
    text = sources.read(diagnosis.place.file) if diagnosis.place else None
    finder = _FINDERS.get(diagnosis.kind, _evaluated)
    if text is None:
        return diagnosis
    return finder(diagnosis, Source(text))


# --- which file


def _in_some_file(diagnosis: Diagnosis, sources: Sources) -> Diagnosis:
    """Look for what a message names in all files, where it does not say in which it stands."""
    looked_for = _LOOKED_FOR.get(diagnosis.kind)
    if looked_for is None or (diagnosis.place and diagnosis.kind not in _ALWAYS_LOOKED_FOR):
        return diagnosis
    named = looked_for(diagnosis)
    if not named:
        return diagnosis
    find = _spellings_in if diagnosis.kind == "hash-mismatch" else _occurrences
    found = [
        Place(file, *source.position(offset))
        for file in sources.files()
        for source in [Source(sources.read(file) or "")]
        for offset in find(source, named)
    ]
    if not found:
        return diagnosis
    is_alone = len({place.file for place in found}) == 1
    placed = replace(diagnosis, place=found[0])
    return changes_for(placed) if is_alone else replace(placed, repairs=())


def _occurrences(source: Source, named: tuple[str, ...]) -> list[int]:
    """Return where one of these stands: as a name by itself, or inside a text or path."""
    return [
        token.start
        for token in source.tokens
        if token.text in named
        or (
            token.kind in {"text", "path"}
            and any(name in token.text for name in named if "/" in name or "-" in name)
        )
    ]


def _spellings_in(source: Source, named: tuple[str, ...]) -> list[int]:
    """Return where one of these stands, also inside of what is put into a text."""
    return [found.start() for name in named for found in re.finditer(re.escape(name), source.text)]


def _package(diagnosis: Diagnosis) -> tuple[str, ...]:
    return tuple(filter(None, (diagnosis.names.get("package"),)))


def _hash(diagnosis: Diagnosis) -> tuple[str, ...]:
    return tuple(f'"{spelt}"' for spelt in spellings(diagnosis.names.get("old", "")))


def _file_name(diagnosis: Diagnosis) -> tuple[str, ...]:
    path = diagnosis.names.get("path", "")
    return (f"./{path.rpartition('/')[2]}", path)


_LOOKED_FOR: Mapping[str, Callable[[Diagnosis], tuple[str, ...]]] = {
    "renamed-package": _package,
    "removed-package": _package,
    "hash-mismatch": _hash,
    "missing-file": _file_name,
    "untracked-file": _file_name,
    "impure-path": _file_name,
}
_ALWAYS_LOOKED_FOR = frozenset({"renamed-package", "removed-package"})
"""What leads to them names a file that may only have to do with it."""


# --- which line of it


def _evaluated(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Take the line of the option that was evaluated, where the message has no line."""
    if not diagnosis.place or diagnosis.place.line:
        return diagnosis
    for option in diagnosis.names.get("evaluated", "").split():
        if found := definitions_of(source, split_option(option)):
            return placed_at(diagnosis, source, found[0].start)
    return diagnosis


def _option(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    option = list_of(diagnosis.names.get("option", ""))
    return _at_definition(diagnosis, source, option)


def _at_definition(diagnosis: Diagnosis, source: Source, option: str) -> Diagnosis:
    found = definitions_of(source, split_option(option))
    return placed_at(diagnosis, source, found[0].start) if found else diagnosis


def _unsupported(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    return _at_definition(diagnosis, source, diagnosis.names.get("attribute", ""))


def _type(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Place a definition of a wrong type, and offer the value that was meant."""
    option = list_of(diagnosis.names.get("option", ""))
    found = definitions_of(source, split_option(option))
    if not found or diagnosis.place is None:
        return diagnosis
    placed = placed_at(diagnosis, source, found[0].start)
    written = source.text[found[0].value_start : found[0].value_end]
    is_element = option != diagnosis.names.get("option")
    fitting = fitting_value(written, diagnosis.names.get("type", ""), is_element=is_element)
    if fitting is None or len(found) > 1:
        return placed
    whole = replace(diagnosis, place=Place(diagnosis.place.file))
    change = {**in_file(whole, "set-value", old=option), "new": fitting.value}
    return replace(placed, repairs=(change,))


def _attribute(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Go on from the expression to the attribute of it that is missing."""
    place, wanted = diagnosis.place, diagnosis.names.get("attribute", "")
    if place is None or not place.line:
        return diagnosis
    first = source.at(source.offset(place.line, place.column))
    last = wanted.rpartition(".")[2]
    for token in source.tokens[first : first + 20]:
        if token.text in {last, f'"{last}"'}:
            return placed_at(diagnosis, source, token.start)
    return diagnosis


def _literal(diagnosis: Diagnosis, source: Source) -> Diagnosis:
    """Offer no value of Nix where none can be meant: among packages, or null for what is on."""
    place = diagnosis.place
    if place is None or not place.line:
        return diagnosis
    offset = source.offset(place.line, place.column)
    opened = source.open_at(offset)
    is_listed = bool(opened) and opened[-1].text == "["
    is_switch = any(
        found.path[-1:] == ("enable",) and found.value_start <= offset < found.value_end
        for found in definitions_in(source)
    )
    is_null = any(change.get("new") == "null" for change in diagnosis.repairs)
    return replace(diagnosis, repairs=()) if is_listed or (is_switch and is_null) else diagnosis


_FINDERS: Mapping[str, Finder] = {
    **missing_tokens.FINDERS,
    "unknown-option": _option,
    "renamed-option": _option,
    "removed-option": _option,
    "read-only-option": _option,
    "conflicting-definitions": _option,
    "not-a-set-of-options": _option,
    "unsupported-attribute": _unsupported,
    "wrong-type": _type,
    "missing-attribute": _attribute,
    "foreign-value": _literal,
}
