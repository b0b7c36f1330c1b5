"""The verb what-if: what a change would do. It is planned, shown and thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.verbs import words
from luminous_clients.daemon import ASIDE
from luminous_protocol.suppositions import imperative

if TYPE_CHECKING:
    from luminous_clients.cli.session import Session


def run(session: Session) -> None:
    """Show what the words of the command line would change."""
    show(session, request_in(session.choices.words))


def request_in(supposed: str) -> str:
    """Return the request that is supposed: `remove git` of `what if I removed git`."""
    return imperative(supposed)


def show(session: Session, request: str) -> None:
    """Show what a request would change, whatever the command line says of applying it."""
    choices = session.choices._replace(words=request, dry_run=True, yes=False)
    words.run(session._replace(choices=choices), conversation=ASIDE)
