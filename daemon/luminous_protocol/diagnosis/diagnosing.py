"""Diagnosing: which kind of message it is, where the mistake stands, and what to say of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.diagnosis.elements import in_words, list_of
from luminous_protocol.diagnosis.kinds import filled, kinds
from luminous_protocol.diagnosis.message import read_message
from luminous_protocol.diagnosis.places import Ownership
from luminous_protocol.diagnosis.repairs import changes_for
from luminous_protocol.diagnosis.report import UNKNOWN, Diagnosis, Place
from luminous_protocol.diagnosis.shortening import excerpt_of, shortened
from luminous_protocol.diagnosis.suggestions import suggested_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_protocol.diagnosis.kinds import Kind
    from luminous_protocol.diagnosis.message import Error, Message

CONFIGURATION = "/etc/nixos"
"""Where a configuration lies, unless somebody says otherwise."""

_DERIVATION = re.compile(r"/nix/store/[0-9a-z]{32}-(\S{1,200}?)\.drv")
_LONGEST_BODY = 4000
_MOST_EVALUATED = 5
_NOTHING_PRINTED = "There is no message: nothing was printed."


def diagnose(text: str, configuration: str = CONFIGURATION) -> Diagnosis:
    """Say what a message means. Unknown ones are shortened; nothing is made up.

    `configuration` is the directory of the flake that Nix has a copy of.
    """
    message = read_message(text)
    for match in _matches(message):
        return _explained(message, match, configuration)
    if not any(line.strip() for line in (*message.rest, *(e.body for e in message.errors))):
        return Diagnosis(UNKNOWN, _NOTHING_PRINTED)
    return shortened(message, _place(message, None, configuration))


class _Match(NamedTuple):
    """A kind, and where a message says so; without an error in what else was printed."""

    kind: Kind
    found: re.Match[str]
    error: Error | None


def _matches(message: Message) -> Iterator[_Match]:
    """Yield what fits, the best first: by rank, and errors before what else was printed."""
    bodies = [(error, error.body[:_LONGEST_BODY]) for error in message.errors]
    rest = message.text
    for rank in sorted({kind.rank for kind in kinds()}):
        ranked = [kind for kind in kinds() if kind.rank == rank]
        for kind in ranked:
            for error, body in bodies:
                if found := kind.find(body):
                    yield _Match(kind, found, error)
        for kind in ranked:
            if kind.is_anywhere and (found := kind.find(rest)):
                yield _Match(kind, found, None)


def _explained(message: Message, match: _Match, configuration: str) -> Diagnosis:
    kind, found, error = match
    names = kind.names_in(found)
    place = _named_place(names, message, configuration) if kind.is_placed else None
    if kind.is_placed and (place is None or not place.line):
        place = _place(message, error, configuration, place)
    wrong, real = names.get(kind.wanted, ""), _real(names, configuration, message)
    said = {**names, **real}
    # What stands in a list is called so in sentences; what is to be typed names the list.
    option = names.get("option", "")
    told = {"option": in_words(option)} if option else {}
    typed = {**said, "option": list_of(option)} if option else said
    diagnosis = Diagnosis(
        kind=kind.name,
        summary=_sentence(kind.summary, {**_short(names), **told}) or _without_names(kind.summary),
        place=place,
        excerpt=excerpt_of(message, error, found),
        cause=_sentence(kind.cause, {**said, **told}),
        advice=tuple(filter(None, (filled(advice, typed) for advice in kind.advice))),
        names=real,
        suggestions=suggested_in(error.body if error else "", wrong, names.get("new", "")),
        confidence=kind.confidence,
    )
    return changes_for(diagnosis)


def _sentence(sentence: str, names: dict[str, str]) -> str:
    """Fill a sentence; it begins with a capital letter unless it begins with a name."""
    said = filled(sentence, names)
    return said[:1].upper() + said[1:] if said.startswith("the ") else said


def _short(names: dict[str, str]) -> dict[str, str]:
    """Return names with the derivations of the store as people call them."""
    return {key: _DERIVATION.sub(r"\1", value) for key, value in names.items()}


def _without_names(sentence: str) -> str:
    """Return a sentence whose names were not found: with `something` in their places."""
    said = re.sub(r"\{\w+\}", "something", sentence)
    return said[:1].upper() + said[1:]


def _ownership(message: Message, configuration: str) -> Ownership:
    return Ownership(
        [place for error in message.errors for place in (*error.trace.frames, *error.trace.files)],
        configuration,
    )


def _named_place(names: dict[str, str], message: Message, configuration: str) -> Place | None:
    """Return the place that the message itself names as the wrong one."""
    if "file" not in names:
        return None
    line, column = (int(names.get(key) or 0) for key in ("line", "column"))
    return _ownership(message, configuration).own(Place(names["file"], line, column))


def _place(
    message: Message, error: Error | None, configuration: str, named: Place | None = None
) -> Place | None:
    """Return the innermost place of a person's own: where it was thrown, or what led there.

    With `named`, the file that the message names, only a line in that file is better than it.
    """
    ownership = _ownership(message, configuration)
    for place in _from_inside(message, error):
        own = ownership.own(place)
        if own and (named is None or (own.file == named.file and own.line)):
            return own
    return named


def _from_inside(message: Message, error: Error | None) -> Iterator[Place]:
    """Yield the places that a message names, from where it was thrown outwards."""
    errors = list(message.errors)
    at = errors.index(error) if error else len(errors) - 1
    if error:
        yield from error.trace.frames
    # The trace stands in front, in an error of its own, innermost last; files without a line say
    # less than any line.
    around = [place for other in errors[: at + 1] for place in other.trace.frames]
    yield from reversed(around)
    for other in errors[at::-1]:
        yield from reversed(other.trace.files)


def _real(names: dict[str, str], configuration: str, message: Message) -> dict[str, str]:
    """Return names with files of a flake where they really are, and without mere numbers."""
    ownership = _ownership(message, configuration)
    real = {key: value for key, value in names.items() if key not in {"line", "column", "copy"}}
    for key in ("file", "first", "second"):
        own = ownership.own(Place(real[key])) if key in real else None
        if own:
            real[key] = own.file
    if "copy" in names and ownership.own(Place(names["copy"] + names.get("path", ""))):
        real["root"] = configuration
    evaluated = [option for error in message.errors for option in error.trace.options]
    if evaluated:
        real["evaluated"] = " ".join(evaluated[: -_MOST_EVALUATED - 1 : -1])
    return real
