"""The verbs that change the machine: rebuild, rollback, undo, gc, setup. Each is a plan first."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.dialogue import carry_out, plan_setup
from luminous_clients.cli.text import clean, moment
from luminous_clients.cli.verbs.generations import number_before, number_of_day
from luminous_clients.cli.verbs.running import naming_the_unknown
from luminous_protocol.errors import NothingToDo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_LOOKED_AT = 100
"""How many of the last changes are searched for one that can be undone."""
_REPAIRS = frozenset({"repair-file", "allow-package"})
_REPAIRED = "a repair, before which the configuration made no system. To take it back all the same"


def rebuild(session: Session) -> None:
    """Build the configuration as it is, and use it as the action says."""
    action = session.choices.action
    _plan(session, {"kind": "rebuild", "action": action}, action)


def rollback(session: Session) -> None:
    """Go back to a generation by number, or to the one before."""
    numbers = session.choices.numbers
    _plan(session, {"kind": "switch-generation", "generation": numbers[0] if numbers else 0})


def go_back(session: Session, steps: int, day: str = "") -> None:
    """Go back by `steps` generations from the running one, or to how it was on a `day`."""
    generations = session.daemon.generations()
    number = number_of_day(generations, day) if day else number_before(generations, steps)
    _plan(session, {"kind": "switch-generation", "generation": number})


def undo(session: Session, skipping: int = 0) -> None:
    """Take a change back: the one named, or the caller's last but for `skipping` later ones."""
    identifier = session.choices.identifier
    if not identifier:
        listed = session.daemon.transactions(_LOOKED_AT)
        try:
            found = last_undoable(listed, os.getuid(), skipping)
        except NothingToDo:
            _tell_of_repairs(session, repairs_before(listed, {"caller": os.getuid()}))
            raise
        _tell_of_repairs(session, repairs_before(listed, found))
        identifier = str(found["id"])
        by, when = clean(found.get("user", "")), moment(int(found.get("started", 0)))
        session.terminal.say(f"Taking back: {clean(found.get('summary', ''))} ({by}, {when})")
    with naming_the_unknown(identifier):
        carry_out(session, lambda: session.daemon.undo(identifier))


def _tell_of_repairs(session: Session, repairs: Sequence[Data]) -> None:
    for item in repairs:
        summary, name = clean(item.get("summary", "")), clean(item.get("id", ""))
        session.terminal.say(f"Left as it is: {summary} ({_REPAIRED}: ask-nix undo {name})")


def last_undoable(transactions: Sequence[Data], uid: int, skipping: int = 0) -> Data:
    """Return the change to undo: the newest of `uid` but for `skipping`; of all for root.

    What was taken back is over with, and so is the taking back: the next undo goes further back.
    Raises `NothingToDo` where there is none.
    """
    undone = {item.get("undoes") for item in transactions if item.get("state") == "done"}
    left = [
        item
        for item in transactions
        if item.get("undoable") and not item.get("undoes") and item.get("id") not in undone
    ]
    own = [item for item in left if uid in {0, item.get("caller")}]
    if len(own) > skipping:
        return own[skipping]
    if left and not own:
        last = left[0]
        raise NothingToDo(
            f"You have changed nothing that is left to take back. The last change is of "
            f"{clean(last.get('user', ''))}: {clean(last.get('summary', ''))}. "
            f"To take that back: ask-nix undo {clean(last.get('id', ''))}"
        )
    raise NothingToDo(
        "There is no change of Luminous left to take back. "
        "To go back to an older generation: ask-nix generations · ask-nix rollback N"
    )


def repairs_before(transactions: Sequence[Data], found: Data) -> list[Data]:
    """Return the repairs newer than `found`, of the same person, which no undo takes back.

    Of what is not among the transactions, only the person counts.
    """
    undone = {item.get("undoes") for item in transactions if item.get("state") == "done"}
    newer = itertools.takewhile(lambda item: item.get("id") != found.get("id"), transactions)
    return [
        item
        for item in newer
        if item.get("state") == "done"
        and item.get("caller") == found.get("caller")
        and not (item.get("undoable") or item.get("undoes"))
        and item.get("id") not in undone
        and any(change.get("kind") in _REPAIRS for change in item.get("changes", ()))
    ]


def collect_garbage(session: Session) -> None:
    """Delete old generations and what only they need."""
    choices = session.choices
    carry_out(
        session,
        lambda: session.daemon.collect_garbage(
            older_than_days=choices.older_than, keep=choices.keep, words=_words(session)
        ),
    )


def set_up(session: Session) -> None:
    """Let the configuration import Luminous's file."""
    carry_out(session, lambda: plan_setup(session))


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
