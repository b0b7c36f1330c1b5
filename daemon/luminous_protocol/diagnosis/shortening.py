"""Shortening: the lines of a message that matter, for reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.diagnosis.report import UNKNOWN, Diagnosis

if TYPE_CHECKING:
    from luminous_protocol.diagnosis.message import Error, Message
    from luminous_protocol.diagnosis.report import Place

_MOST_LINES = 12
_LOG_LINES = 10
_LONGEST = 400
_PROGRESS = re.compile(
    r"^(?:building the system configuration|these \d+ |building '/nix|copying (?:path|\d+ paths)|"
    r"\s{2}/nix/store/|evaluation warning:|warning: Git tree|\[\d+/)"
)


def excerpt_of(message: Message, error: Error | None, found: re.Match[str]) -> tuple[str, ...]:
    """Return the lines that say it: those of the error, or the one where it was found."""
    if error is not None:
        return _cut(error.body.split("\n"))
    text = message.text
    begin = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return _cut(text[begin : end if end >= 0 else len(text)].split("\n"))


def shortened(message: Message, place: Place | None) -> Diagnosis:
    """Return an unknown message in short: its errors, or else its last lines."""
    bodies = [error.body for error in message.errors if error.body]
    # Those at the end are what the command ended with; the first one may be what it began with.
    chosen = [*bodies[:1], *bodies[-2:]] if len(bodies) > 2 else bodies  # noqa: PLR2004 - first and last
    lines = [
        f"error: {line}" if number == 0 else line
        for body in dict.fromkeys(chosen)
        for number, line in enumerate(body.split("\n")[:_LOG_LINES])
    ]
    if not lines:
        printed = [line for line in message.rest if line.strip()]
        said = [line for line in printed if not _PROGRESS.match(line)]
        lines = (said or printed)[-_LOG_LINES:]
    trace = [f"at {place}"] if place else []
    return Diagnosis(
        UNKNOWN,
        "This message is not one that Luminous knows."
        if bodies
        else "There is no error in this that Luminous knows.",
        place,
        (*_cut(lines), *trace),
    )


def _cut(lines: list[str]) -> tuple[str, ...]:
    kept = [line[:_LONGEST].rstrip() for line in lines if line.strip()]
    return tuple(kept[:_MOST_LINES])
