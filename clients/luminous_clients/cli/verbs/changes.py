"""The verbs that change the machine: rebuild, rollback, undo and gc. Each is a plan first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.dialogue import carry_out
from luminous_clients.cli.text import clean, moment
from luminous_clients.cli.verbs.generations import number_before
from luminous_protocol.errors import NothingToDo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_LOOKED_AT = 100
"""How many of the last changes are searched for one that can be undone."""


def rebuild(session: Session) -> None:
    """Build the configuration as it is, and use it as the action says."""
    action = session.choices.action
    _plan(session, {"kind": "rebuild", "action": action}, action)


def rollback(session: Session) -> None:
    """Go back to a generation by number, or to the one before."""
    numbers = session.choices.numbers
    _plan(session, {"kind": "switch-generation", "generation": numbers[0] if numbers else 0})


def go_back(session: Session, steps: int) -> None:
    """Go back by `steps` generations from the running one."""
    number = number_before(session.daemon.generations(), steps)
    _plan(session, {"kind": "switch-generation", "generation": number})


def undo(session: Session) -> None:
    """Take a change back: the one named, or the caller's last, or else the machine's last."""
    identifier = session.choices.identifier
    if not identifier:
        found = last_undoable(session.daemon.transactions(_LOOKED_AT), os.getuid())
        identifier = str(found["id"])
        by, when = clean(found.get("user", "")), moment(int(found.get("started", 0)))
        session.terminal.say(f"Taking back: {clean(found.get('summary', ''))} ({by}, {when})")
    carry_out(session, lambda: session.daemon.undo(identifier))


def last_undoable(transactions: Sequence[Data], uid: int) -> Data:
    """Return the change to undo: the newest of `uid`, or the newest of all.

    Raises `NothingToDo` where there is none.
    """
    undoable = [item for item in transactions if item.get("undoable")]
    own = [item for item in undoable if item.get("caller") == uid]
    if not undoable:
        raise NothingToDo(
            "There is no change of Luminous to take back. "
            "To go back to an older generation: ask-nix generations · ask-nix rollback N"
        )
    return (own or undoable)[0]


def collect_garbage(session: Session) -> None:
    """Delete old generations and what only they need."""
    choices = session.choices
    carry_out(
        session,
        lambda: session.daemon.collect_garbage(
            older_than_days=choices.older_than, keep=choices.keep, words=_words(session)
        ),
    )


def _plan(session: Session, change: Data, mode: str = "") -> None:
    carry_out(
        session,
        lambda: session.daemon.plan([change], words=_words(session), build=session.choices.build),
        mode,
    )


def _words(session: Session) -> str:
    """Return the words to remember the change by: those said, or the verb as it was typed."""
    choices = session.choices
    if choices.words:
        return choices.words
    parts = [choices.verb, *map(str, choices.numbers)]
    if choices.verb == "rebuild":
        parts.append(choices.action)
    return " ".join(parts)
