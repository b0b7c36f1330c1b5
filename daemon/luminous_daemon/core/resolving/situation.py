"""What resolving works on and comes to, and what all kinds of changes share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import is_defined
from luminous_protocol.errors import DefinedElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luminous_daemon.core.definitions import Definition, Edit
    from luminous_daemon.core.facts import Facts, OptionFacts
    from luminous_protocol.changes import Value


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one change comes to: `options` are those whose value it decides."""

    edits: tuple[Edit, ...] = ()
    options: tuple[str, ...] = ()
    summary: str = ""
    notes: tuple[str, ...] = ()
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What resolving looks at: the machine's facts and Luminous's own lines.

    `locate` finds where a file speaks of a word.
    """

    facts: Facts
    definitions: Sequence[Definition] = ()
    locate: Callable[[str, str], str] = lambda file, _word: file


def first_switch(candidates: Iterable[str], facts: Facts) -> OptionFacts | None:
    """Return the first candidate that exists and is a boolean that can be set."""
    found = (facts.options.get(option) for option in candidates)
    return next(
        (option for option in found if option and option.exists and option.fitting == 0), None
    )


def defined_elsewhere(
    what: str, files: Sequence[str], word: str, situation: Situation
) -> DefinedElsewhere:
    """Return the error for what stands in files that Luminous does not own, as `word`."""
    found = dict.fromkeys(situation.locate(file, word) for file in files)
    places = " and ".join(found) or "another file"
    return DefinedElsewhere(
        f"{what} in {places}, which Luminous does not write. Change it there, then run "
        "`ask-nix rebuild`.",
        {"files": list(files), "places": list(found)},
    )


def _own_files(option: OptionFacts, situation: Situation) -> tuple[str, ...]:
    """Return the files that define `option` when Luminous itself does not."""
    return () if is_defined(situation.definitions, option.name) else option.files


def refuse_foreign(option: OptionFacts, situation: Situation) -> None:
    """Refuse to define a second time what another file defines, unless definitions are joined."""
    foreign = _own_files(option, situation)
    if foreign and not option.is_list:
        raise defined_elsewhere(f"{option.name} is set", foreign, option.name, situation)


def shown(value: Value) -> str:
    """Return a value as a sentence can hold it."""
    if isinstance(value, dict) and set(value) == {"package"}:
        return f"pkgs.{value['package']}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"  # noqa: PLR2004 - one line of a terminal
