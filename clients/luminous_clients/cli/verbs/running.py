"""The verbs confirm and cancel, for a change that is being made now, from any terminal."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from luminous_clients.cli.agent import standing_by
from luminous_clients.cli.text import clean
from luminous_clients.errors import NotPossible
from luminous_protocol.errors import NothingToDo, UnknownObject
from luminous_protocol.names import transaction_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_clients.cli.session import Session


def confirm(session: Session) -> None:
    """Keep what was activated with a time limit."""
    try:
        path = _path(session)
    except NothingToDo:
        raise NotPossible(
            "There is nothing to confirm: no change waits for it. What was not confirmed in time "
            "was put back: ask-nix history"
        ) from None
    with standing_by(session.terminal), naming_the_unknown(session.choices.identifier):
        session.daemon.confirm(path)
    session.answer("Confirmed: the new system is kept.")


def cancel(session: Session) -> None:
    """Stop a change that has not begun to activate."""
    path = _path(session)
    with standing_by(session.terminal), naming_the_unknown(session.choices.identifier):
        session.daemon.cancel(path)
    session.answer("Cancelled.")


@contextlib.contextmanager
def naming_the_unknown(identifier: str) -> Iterator[None]:
    """Say in words when there is no change with this `identifier`. Raises `UnknownObject`."""
    try:
        yield
    except UnknownObject:
        raise UnknownObject(
            f"There is no change {clean(identifier)}. Changes and their IDs: ask-nix history"
        ) from None


def _path(session: Session) -> str:
    """Return the transaction named, or the one under way."""
    if session.choices.identifier:
        return transaction_path(session.choices.identifier)
    path = str(session.daemon.status().get("transaction", ""))
    if not path:
        raise NothingToDo("No change is being made now.")
    return path
