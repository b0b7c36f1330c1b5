"""The verbs confirm and cancel, for a change that is being made now, from any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.agent import standing_by
from luminous_protocol.errors import NothingToDo
from luminous_protocol.names import transaction_path

if TYPE_CHECKING:
    from luminous_clients.cli.session import Session


def confirm(session: Session) -> None:
    """Keep what was activated with a time limit."""
    path = _path(session)
    with standing_by(session.terminal):
        session.daemon.confirm(path)
    session.answer("Confirmed: the new system is kept.")


def cancel(session: Session) -> None:
    """Stop a change that has not begun to activate."""
    path = _path(session)
    with standing_by(session.terminal):
        session.daemon.cancel(path)
    session.answer("Cancelled. See: ask-nix history")


def _path(session: Session) -> str:
    """Return the transaction named, or the one under way."""
    if session.choices.identifier:
        return transaction_path(session.choices.identifier)
    path = str(session.daemon.status().get("transaction", ""))
    if not path:
        raise NothingToDo("No change is being made now.")
    return path
