"""Auditing: what the record says of a transaction: who asked, who decided, and how it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from luminous_daemon.core.redaction import redact_changes, redact_words
from luminous_protocol.changes import change_to_dict
from luminous_protocol.errors import Dismissed, Interrupted, NoAgent, NotAuthorized

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_daemon.core.ports import Caller, Journal
    from luminous_daemon.core.records import Record
    from luminous_daemon.core.transactions import Transaction

    Entry = dict[str, Any]

_MOST = 16 * 1024
"""Bytes: of changes that take more, the record keeps what they are about, and a hash."""
_LONGEST = 1000
_LONGEST_NAME = 64
_ABOUT = ("kind", "option", "package", "target")
NOT_ASKED = "unreachable"
"""The `cause` in the details of a `NotAuthorized` that is no decision of polkit's."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What is true of the audit record: how many entries, since when, and the newest one's hash.

    `repaired` counts lines that were cut off and told of; `problem` says what is wrong, or nothing.
    """

    entries: int
    since: int
    last: str
    repaired: int = 0
    problem: str = ""


class Audit(Protocol):
    """The record of who asked for what, who decided, and what came of it. Only ever added to."""

    def record(self, entry: Mapping[str, Any]) -> None:
        """Write an entry. Raises `StorageFailed` when that is not possible."""

    def record_late(self, entry: Mapping[str, Any]) -> None:
        """Write an entry now, or at the next chance."""

    def unended(self) -> list[Mapping[str, Any]]:
        """Return the entries that ask for what has no end in the record yet."""

    async def entries(self, limit: int, uid: int | None) -> list[Mapping[str, Any]]:
        """Return the newest entries, newest first: all, or those that are about one user."""

    async def verify(self) -> Verification:
        """Check every entry against the one after it."""


def asked(transaction: Transaction) -> Entry:
    """Return the entry that says who wants what, in which words."""
    plan, caller = transaction.prepared.plan, transaction.caller
    changes = [change_to_dict(change) for change in plan.changes]
    return {
        **_about("asked", transaction),
        "program": caller.program[:_LONGEST_NAME],
        "pid": caller.pid,
        "words": redact_words(transaction.prepared.words, changes)[:_LONGEST],
        "changes": _bounded(redact_changes(changes)),
        "summary": redact_words(plan.summary, changes)[:_LONGEST],
        "risk": plan.risk.value,
        "action": str(plan.action),
        "mode": transaction.wishes.mode.value,
    }


def decided(transaction: Transaction, refusal: BaseException | None) -> Entry:
    """Return the entry that says whether it may be done, and who decided that."""
    return {
        **_about("decided", transaction),
        **_decision(transaction.caller, str(transaction.prepared.plan.action), refusal),
        "asked_person": transaction.is_asking,
    }


def managed(
    transaction: Transaction,
    caller: Caller,
    decision: tuple[str, str],
    refusal: BaseException | None,
) -> Entry:
    """Return the entry that says that somebody interferes with another's transaction.

    `decision` is what is done (cancel or confirm), and the action that polkit decides by.
    """
    deed, action = decision
    return {
        **_about("managed", transaction),
        "deed": deed,
        "uid": caller.uid,
        "user": caller.user,
        "owner": transaction.caller.uid,
        "owner_user": transaction.caller.user,
        **_decision(caller, action, refusal),
    }


def ended(transaction: Transaction) -> Entry:
    """Return the entry that says what came of it."""
    result = transaction.result
    changes = [change_to_dict(change) for change in transaction.prepared.plan.changes]
    return {
        **_about("ended", transaction),
        "state": transaction.state.value,
        "error": result.error,
        "message": redact_words(result.message[:_LONGEST], changes),
        "generation": result.default,
        "toplevel": result.toplevel,
    }


def recovered(record: Record) -> Entry:
    """Return the entry that says what a later daemon made of a transaction that was cut short."""
    return {
        "event": "recovered",
        "transaction": record.id,
        "uid": record.uid,
        "user": record.user,
        "state": record.state,
        "error": record.error,
        "message": redact_words(record.message[:_LONGEST], record.changes),
        "generation": record.generation,
    }


def close_unended(audit: Audit, journal: Journal) -> None:
    """Record the ends of those transactions whose ends no daemon has lived to record."""
    for begun in audit.unended():
        record = journal.find(str(begun.get("transaction", "")))
        if record and not record.finished:
            continue  # it still waits to be confirmed
        end = {**recovered(record), "event": "ended"} if record else _never_begun()
        kept = {key: begun[key] for key in ("transaction", "plan", "uid", "user") if key in begun}
        audit.record_late({**end, **kept, "late": True})


def _never_begun() -> Entry:
    return {
        "event": "ended",
        "state": "failed",
        "error": Interrupted.__name__,
        "message": "The daemon stopped before anything was changed.",
    }


def _about(event: str, transaction: Transaction) -> Entry:
    return {
        "event": event,
        "transaction": transaction.id,
        "plan": transaction.prepared.plan.id,
        "uid": transaction.caller.uid,
        "user": transaction.caller.user[:_LONGEST_NAME],
    }


def _decision(caller: Caller, action: str, refusal: BaseException | None) -> Entry:
    """Return who decided what. Polkit allows root everything, and is not troubled with that."""
    return {
        "by": "polkit" if caller.uid else "root",
        "action": action,
        "decision": _word_for(refusal),
    }


def _word_for(refusal: BaseException | None) -> str:
    match refusal:
        case None:
            return "allowed"
        case Dismissed():
            return "dismissed"
        case NoAgent():
            return "no-agent"
        case NotAuthorized(details={"cause": _}):
            return "error"
        case NotAuthorized():
            return "denied"
        case Exception():
            return "error"
        case _:
            return "cancelled"


def _bounded(changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return `changes`; where they are long, only what they are about, with a hash of each."""
    if len(json.dumps(changes)) <= _MOST:
        return list(changes)
    return [
        {
            **{key: str(change[key])[:_LONGEST_NAME] for key in _ABOUT if key in change},
            "sha256": sha256(json.dumps(change, sort_keys=True).encode()).hexdigest(),
        }
        for change in changes
    ]
