"""The verb history with --audit and --verify: who asked for what, and who allowed it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.agent import standing_by
from luminous_clients.cli.columns import aligned
from luminous_clients.cli.document import underscored
from luminous_clients.cli.text import clean, moment
from luminous_clients.errors import RecordBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

DEFAULT_LIMIT = 50

_TITLES = ("#", "WHEN", "WHO", "ID", "EVENT", "WHAT")


def show(session: Session) -> None:
    """List entries of the audit record, newest first."""
    choices = session.choices
    # One's own need no permission, so nobody has to stand by for the question.
    asking = standing_by(session.terminal) if choices.everybody else contextlib.nullcontext()
    with session.document.timing("audit"), asking:
        entries = session.daemon.audit(choices.limit or DEFAULT_LIMIT, everybody=choices.everybody)
    session.document.add("audit", [underscored(entry) for entry in entries])
    if not entries:
        session.terminal.say("Nothing is on record yet.")
        return
    for number, line in enumerate(aligned([_TITLES, *map(_row, entries)])):
        session.terminal.say(session.terminal.paint(line, "dim") if number == 0 else line)


def verify(session: Session) -> None:
    """Have the record checked. Raises `RecordBroken`."""
    with session.document.timing("verify"), standing_by(session.terminal):
        found = session.daemon.verify_audit()
    session.document.add("verification", underscored(found))
    if not found.get("intact"):
        raise RecordBroken(
            f"The audit record is broken: {clean(found.get('problem', ''))} The system journal has "
            "the hashes that it should have: journalctl -u luminousd --grep 'audit record'"
        )
    session.answer(_sentence(found))


def _sentence(found: Data) -> str:
    count = int(found.get("entries", 0))
    if not count:
        return "The audit record is empty."
    entries = "1 entry" if count == 1 else f"{count} entries"
    repaired = int(found.get("repaired", 0))
    lines = "1 line was" if repaired == 1 else f"{repaired} lines were"
    cut = f" {lines} cut off by a crash, and the next says so." if repaired else ""
    since, last = moment(int(found.get("since", 0))), clean(found.get("last", ""))
    return f"{entries}, unbroken since {since}, last hash {last}.{cut}"


def _row(entry: Data) -> tuple[str, ...]:
    return (
        str(entry.get("sequence", "")),
        moment(int(entry.get("time", 0))),
        clean(entry.get("user", "")) or "-",
        clean(entry.get("transaction", "")) or "-",
        clean(entry.get("event", "")),
        _what(entry),
    )


def _what(entry: Data) -> str:
    """Return what an entry says, in short."""
    match entry.get("event"):
        case "asked":
            words, summary = clean(entry.get("words", "")), clean(entry.get("summary", ""))
            said = f" “{words}”" if words and words != summary else ""
            return f"{summary}{said} ({clean(entry.get('risk', ''))} risk)"
        case "decided":
            return _decision(entry)
        case "managed":
            owner = clean(entry.get("owner_user", ""))
            return f"{clean(entry.get('deed', ''))} what {owner} began: {_decision(entry)}"
        case "repaired":
            return f"{entry.get('bytes', 0)} bytes before this are no entry"
        case _:
            error = clean(entry.get("error", ""))
            state = clean(entry.get("state", "")) + (f" ({error})" if error else "")
            generation = entry.get("generation")
            return f"{state}, generation {generation}" if generation else state


def _decision(entry: Data) -> str:
    action = clean(entry.get("action", "")).removeprefix("org.luminous1.")
    asked = ", a person was asked" if entry.get("asked_person") else ""
    by = clean(entry.get("by", ""))
    return f"{clean(entry.get('decision', ''))} ({action}, by {by}{asked})"
