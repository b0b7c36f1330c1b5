"""The verb history: what was changed, when, by whom and in which words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.document import underscored
from luminous_clients.cli.text import clean, moment
from luminous_clients.cli.verbs import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

DEFAULT_LIMIT = 20
_MOST_ASKED = 200
_NAME = re.compile(r"[\w.+-]*[\w+]")

_TITLES = ("WHEN", "WHO", "STATE", "GENERATION", "ID", "WHAT")


def run(session: Session) -> None:
    """List the last changes, newest first, or what the audit record says."""
    if session.choices.verify:
        audit.verify(session)
        return
    if session.choices.audit:
        audit.show(session)
        return
    with session.document.timing("history"):
        items = session.daemon.transactions(session.choices.limit or DEFAULT_LIMIT)
    session.document.add("history", [underscored(item) for item in items])
    if not items:
        session.terminal.say("Luminous has not changed anything yet.")
        return
    _list(session, items)


def about(session: Session, name: str, option: str = "") -> None:
    """List the changes of one thing, newest first, which `option` may switch on."""
    with session.document.timing("history"):
        items = session.daemon.transactions(session.choices.limit or _MOST_ASKED)
    found = [item for item in items if _is_about(item, name, option)]
    session.document.add("history", [underscored(item) for item in found])
    if found:
        _list(session, found)
        return
    session.answer(
        f"None of the changes that Luminous remembers is about {clean(name)}. Whether and why it is"
        f" here: ask-nix why {clean(name)} · All changes: ask-nix history"
    )


def _is_about(item: Data, name: str, option: str) -> bool:
    told = f"{item.get('summary', '')} {item.get('words', '')}".casefold()
    named = set(_NAME.findall(told))
    return name.casefold() in named or bool(option and option.casefold() in named)


def _list(session: Session, items: Sequence[Data]) -> None:
    for number, line in enumerate(aligned([_TITLES, *map(_row, items)])):
        session.terminal.say(session.terminal.paint(line, "dim") if number == 0 else line)


def _row(item: Data) -> tuple[str, ...]:
    words, summary = clean(item.get("words", "")), clean(item.get("summary", ""))
    error = clean(item.get("error", ""))
    state = clean(item.get("state", ""))
    return (
        moment(int(item.get("started", 0))),
        clean(item.get("user", "")) or str(item.get("caller", "")),
        f"{state} ({error})" if error and state == "failed" else state,
        str(item.get("generation") or "-"),
        clean(item.get("id", "")),
        f"{summary} “{words}”" if words and words != summary else summary,
    )
