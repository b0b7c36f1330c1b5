"""The verb index: what can be searched is brought up to date, while searches go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.dialogue import failure_of, follow
from luminous_clients.cli.text import clean
from luminous_clients.errors import DaemonLost, Left

if TYPE_CHECKING:
    from luminous_clients.cli.session import Session
    from luminous_clients.transactions import Outcome

_AS_BEFORE = "What was indexed before can be searched."
_GOES_ON = "It goes on without this terminal."


def run(session: Session) -> None:
    """Index all sources, or the one that is named."""
    session.daemon.listen()
    outcome = _followed(session)
    if not outcome.is_done:
        raise failure_of(outcome, _AS_BEFORE)
    session.answer(clean(outcome.message))
    failures = outcome.result.get("details", {}).get("failures", {})
    session.document.add("failures", dict(failures))
    for source, reason in failures.items():
        session.terminal.complain(f"{clean(source)}: {clean(reason)}")


def _followed(session: Session) -> Outcome:
    try:
        with session.document.timing("index"):
            return follow(session, lambda: session.daemon.ingest(session.choices.source))
    except DaemonLost as error:
        error.details["state"] = _AS_BEFORE
        raise
    except Left as error:
        error.details["state"] = _GOES_ON
        raise
