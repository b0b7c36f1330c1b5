"""Candidates: names that may be meant by one that is not known, or by a purpose, to choose from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_clients.cli.answers import which
from luminous_clients.cli.dialogue import NOTHING_CHANGED, carry_out
from luminous_clients.cli.steps import steps_of
from luminous_clients.cli.text import clean
from luminous_clients.errors import NotConfirmed, NotUnderstood
from luminous_protocol.errors import (
    Cancelled,
    LuminousError,
    PackageRefused,
    UnknownOption,
    UnknownPackage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from luminous_clients.cli.session import Session
    from luminous_clients.daemon import Recognised

    Data = Mapping[str, Any]

_NAMING = ("package", "option", "target")
_MOST = 9
"""One key each."""
_OFFERED = 5
_ASKED = 2
"""Times: a slip of the finger is no refusal, but nobody is asked for ever."""
_PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}")


def carry_out_changes(session: Session, changes: Sequence[Data], mode: str = "") -> None:
    """Carry out the plan of `changes`; offer what may be meant by a name that is not known.

    What is chosen is planned, shown and asked about like anything else. Raises as `carry_out`.
    """
    try:
        _carry_out(session, changes, mode)
    except (UnknownPackage, UnknownOption, PackageRefused) as error:
        wrong = error.details.get("package") or error.details.get("option")
        names = _names(error)
        if not (wrong and names and _can_choose(session)):
            raise
        name = _chosen(session, error.message, names)
        carry_out_changes(session, [_with_name(change, wrong, name) for change in changes], mode)


def install_one_of(session: Session, category: str) -> None:
    """Install one of the programs for a purpose: the one that is chosen. Raises `NotUnderstood`."""
    error = which(category, _programs_for(session, category))
    names = _names(error)
    if not (names and _can_choose(session)):
        raise error
    name = _chosen(session, error.message, names)
    carry_out_changes(session, [{"kind": "add-package", "package": name}])


def reading_of(session: Session, recognised: Recognised) -> list[Data]:
    """Return the reading that somebody chooses of those that a sentence may have.

    Raises `NotUnderstood` where nobody can be asked, else `NotConfirmed` or `Cancelled`.
    """
    readings: list[Data] = [*recognised.intents[0].get("alternatives", ())][:_MOST]
    titles = [clean(_title(reading)) for reading in readings]
    if not readings or not _can_choose(session):
        example = f' Say which, for example: ask-nix "{titles[0]}"' if titles else ""
        raise NotUnderstood(clean(recognised.question) + example)
    place = titles.index(_chosen(session, recognised.question, titles))
    # Told as well, so that "it" means this from now on.
    again = session.daemon.recognise(str(place + 1)).intents
    is_same = len(again) == 1 and all(again[0][k] == readings[place][k] for k in ("kind", "slots"))
    return [*again] if is_same else [readings[place]]


def _title(reading: Data) -> str:
    """Return what a reading does, as words that can be said."""
    if reading.get("changes"):
        return steps_of([reading])[0].title
    return " ".join([str(reading["kind"]), *map(str, reading.get("slots", {}).values())])


def _carry_out(session: Session, changes: Sequence[Data], mode: str) -> None:
    choices, daemon = session.choices, session.daemon
    carry_out(session, lambda: daemon.plan(changes, words=choices.words, build=choices.build), mode)


def _names(error: LuminousError) -> list[str]:
    """Return the names that an error offers, as far as they are names."""
    nearest = error.details.get("nearest", ())
    listed = nearest if isinstance(nearest, list) else ()
    return [name for name in listed if name and clean(name) == name][:_MOST]


def _can_choose(session: Session) -> bool:
    """Tell whether somebody can be asked, who has not approved of everything beforehand."""
    return session.terminal.is_interactive and not session.choices.yes


def _chosen(session: Session, sentence: str, names: Sequence[str]) -> str:
    """Return the name that somebody chooses. Raises `NotConfirmed` or `Cancelled`."""
    terminal = session.terminal
    terminal.say(clean(sentence))
    for number, name in enumerate(names, 1):
        terminal.say(f"  {number}  {name}")
    numbers = f"1-{len(names)}" if len(names) > 1 else "1"
    meant = {str(number): name for number, name in enumerate(names, 1)}
    meant |= {name: name for name in names}
    for _ in range(_ASKED):
        answer = _answer(session, f"Which one? [{numbers}, or Enter for none] ")
        if answer in meant:
            return meant[answer]
        if not answer:
            break
    raise NotConfirmed("None of these was chosen.", {"state": NOTHING_CHANGED})


def _answer(session: Session, question: str) -> str:
    """Return what somebody answers. Raises `Cancelled`."""
    try:
        return session.terminal.ask(question)
    except KeyboardInterrupt:
        session.terminal.say()
        raise Cancelled("Cancelled.", {"state": NOTHING_CHANGED}) from None


def _with_name(change: Data, wrong: object, name: str) -> Data:
    return {
        key: name if key in _NAMING and value == wrong else value for key, value in change.items()
    }


def _programs_for(session: Session, category: str) -> list[str]:
    """Return packages for a purpose; none where nothing can be searched."""
    try:
        found = session.daemon.search(category, _OFFERED, ("package",))
    except LuminousError:
        return []
    titles = [str(passage.get("title", "")) for passage in found]
    return [title for title in titles if _PACKAGE.fullmatch(title)]
