"""Questions in words about the state of the machine, answered as far as the daemon knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import status_answer
from luminous_clients.cli.verbs import status
from luminous_clients.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session


def answer(session: Session, slots: Mapping[str, Any]) -> None:
    """Answer a question about the state. Raises `NotPossible` where the daemon does not know."""
    known = session.daemon.status()
    found = status_answer(slots, known)
    if found is None:
        status.show(session, known)
    elif found.is_answered:
        session.answer(found.sentence)
    else:
        raise NotPossible(found.sentence)
