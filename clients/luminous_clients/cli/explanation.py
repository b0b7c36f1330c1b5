"""Explanations: what an error message means, told to a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.terminal import Terminal
    from luminous_protocol.diagnosis import Diagnosis, Place

_BEFORE = 2
_LONGEST = 160
_MOST_EXCERPT = 6


def tell(terminal: Terminal, found: Diagnosis, source: str | None) -> None:
    """Tell a diagnosis; `source` is the text of the file where the mistake is, if it was read."""
    sheet = Sheet(terminal)
    sheet.tell("Error", found.summary, style="bold")
    if found.place:
        sheet.tell("Where", str(found.place))
        for line in snippet(found.place, source):
            terminal.say(f"  {line}")
    sheet.tell("Why", found.cause)
    if not found.is_known or any(line.startswith(">") for line in found.excerpt):
        sheet.tell("Message", *found.excerpt[:_MOST_EXCERPT], style="dim")
    sheet.tell("Meant", ", ".join(found.suggestions))
    sheet.tell("Do", *found.advice)
    sheet.tell("Repair", *(in_words(change, found.place) for change in found.repairs))


def snippet(place: Place, source: str | None) -> list[str]:
    """Return the lines of a file before a place, and a caret below it."""
    if source is None or not place.line:
        return []
    lines = source.split("\n")
    if place.line > len(lines):
        return []
    first = max(place.line - _BEFORE, 1)
    width = len(str(place.line))
    shown = [
        f"{number:>{width}} | {clean(lines[number - 1])[:_LONGEST]}".rstrip()
        for number in range(first, place.line + 1)
    ]
    if place.column:
        before = lines[place.line - 1].encode()[: place.column - 1].decode(errors="replace")
        column = len(clean(before))
        if column < _LONGEST:
            shown.append(f"{' ' * width} | {' ' * column}^")
    return shown


_WORDS: Mapping[str, str] = {
    "rename": "write {new} instead of {old} in {file}",
    "remove-definition": "delete the definition of {old} from {file}",
    "set-value": "set {old} to {new} in {file}",
    "insert-token": "write {new} in line {line}, column {column} of {file}",
    "remove-token": "take {old} out of line {line}, column {column} of {file}",
    "add-argument": "add {new} to the arguments in {file}",
    "replace-hash": "write the hash {new} instead of {old} in {file}",
    "track-file": "tell git of {file}",
    "allow-package": "allow {package}, which is {reason}, and no other",
    "set-option": "add to {option}: {value}",
    "collect-garbage": "delete old generations and what only they need",
}


def in_words(change: Mapping[str, Any], place: Place | None = None) -> str:
    """Return what a repair does, as a line of text; `place` is where the mistake is."""
    words = _WORDS.get(str(change.get("operation") or change.get("kind")), "{kind}")
    if change.get("operation") == "insert-token" and change.get("new") != '"' and place:
        # It names where Nix stumbled; what is missing is written behind what stands before that.
        change = {**change, "line": place.line, "column": place.column}
    shown = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in change.items()
    }
    for key, value in {"line": "?", **shown}.items():
        words = words.replace(f"{{{key}}}", clean(value))
    return words
