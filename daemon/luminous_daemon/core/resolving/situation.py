"""What resolving works on and comes to, and what all kinds of changes share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import Put, is_defined
from luminous_daemon.core.placing import Placement
from luminous_protocol.changes import SetOption
from luminous_protocol.errors import DefinedElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luminous_daemon.core.definitions import Definition, Edit
    from luminous_daemon.core.facts import Facts, OptionFacts
    from luminous_protocol.changes import Change, Value

OUR_NIXOS = "NixOS itself"
"""The place of what NixOS's own modules define."""
NOT_PLAIN = "its value is not plain data, so that it could not be put back"
_NOT_WRITTEN = ", which Luminous does not write"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one change comes to: `options` are those whose value it decides.

    `edits` are of Luminous's own file, `placements` of files that a person wrote.
    """

    edits: tuple[Edit, ...] = ()
    placements: tuple[Placement, ...] = ()
    options: tuple[str, ...] = ()
    summary: str = ""
    notes: tuple[str, ...] = ()
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What resolving looks at: the machine's facts and Luminous's own lines.

    `locate` finds where a file speaks of a word; `own_file` is Luminous's.
    """

    facts: Facts
    definitions: Sequence[Definition] = ()
    locate: Callable[[str, str], str] = lambda file, _word: file
    own_file: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands as `word` in `files` that Luminous does not own; `what` begins a sentence."""

    what: str
    files: Sequence[str]
    word: str


def first_switch(candidates: Iterable[str], situation: Situation) -> OptionFacts | None:
    """Return the first candidate that exists and is a boolean that can be set."""
    found = (situation.facts.options.get(option) for option in candidates)
    return next((option for option in found if option and _is_switch(option, situation)), None)


def _is_switch(option: OptionFacts, situation: Situation) -> bool:
    return option.exists and option.fitting == 0 and not has_gone(option, situation)


def has_gone(option: OptionFacts, situation: Situation) -> bool:
    """Tell whether an option is none any more, and no line of Luminous's holds on to it either."""
    return option.is_gone and not is_defined(situation.definitions, option.name)


def place_in_file(
    standing: Standing, edit: Edit, inverse: Change, situation: Situation
) -> tuple[Placement, ...]:
    """Return the edit of the one file in which something stands. Raises `DefinedElsewhere`."""
    files = [file for file in dict.fromkeys(standing.files) if file != situation.own_file]
    places = [situation.locate(file, standing.word) for file in files]
    if len(files) != 1 or places[0] == OUR_NIXOS:
        raise defined_elsewhere(standing, situation)
    return (Placement(files[0], edit, inverse, standing.what, places[0]),)


def defined_elsewhere(standing: Standing, situation: Situation, why: str = "") -> DefinedElsewhere:
    """Return the error for what stands in files that Luminous does not own."""
    found = dict.fromkeys(situation.locate(file, standing.word) for file in standing.files)
    places = " and ".join(found) or "another file"
    reason = f", which Luminous does not edit, because {why}" if why else _NOT_WRITTEN
    return DefinedElsewhere(
        f"{standing.what} in {places}{reason}. Change it there, then run `ask-nix rebuild`.",
        {"files": list(standing.files), "places": list(found)},
    )


def _own_files(option: OptionFacts, situation: Situation) -> tuple[str, ...]:
    """Return the files that define `option` when Luminous itself does not."""
    return () if is_defined(situation.definitions, option.name) else option.files


def place_value(option: OptionFacts, value: Value, situation: Situation) -> tuple[Placement, ...]:
    """Return the edit that gives `option` its value in the file that defines it.

    There is none where no other file does, or definitions are joined. Raises `DefinedElsewhere`.
    """
    foreign = _own_files(option, situation)
    if not foreign or option.is_list:
        return ()
    standing = Standing(f"{option.name} is set", foreign, option.name)
    if not option.is_plain:
        raise defined_elsewhere(standing, situation, NOT_PLAIN)
    edit, inverse = Put(option.name, value), SetOption(option.name, option.value)
    return place_in_file(standing, edit, inverse, situation)


def shown(value: Value) -> str:
    """Return a value as a sentence can hold it."""
    if isinstance(value, dict) and set(value) == {"package"}:
        return f"pkgs.{value['package']}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"  # noqa: PLR2004 - one line of a terminal
