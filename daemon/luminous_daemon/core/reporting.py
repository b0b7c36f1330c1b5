"""What is told and kept of a transaction: the record, the inverse, the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_daemon.core.records import Record
from luminous_daemon.core.redaction import redact_words
from luminous_protocol.changes import CollectGarbage, ImportFile, SwitchGeneration, change_to_dict
from luminous_protocol.errors import ActivationFailed, LuminousError, StorageFailed
from luminous_protocol.transaction import Mode, Result, TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.transactions import Transaction
    from luminous_daemon.core.way_back import WayBack
    from luminous_protocol.changes import Change


def record_of(transaction: Transaction) -> Record:
    """Return what the journal keeps of a transaction."""
    prepared, result = transaction.prepared, transaction.result
    changes = tuple(change_to_dict(change) for change in prepared.plan.changes)
    return Record(
        id=transaction.id,
        summary=prepared.plan.summary,
        words=redact_words(prepared.words, changes),
        uid=transaction.caller.uid,
        user=transaction.caller.user,
        started=transaction.started,
        changes=changes,
        inverse=tuple(change_to_dict(change) for change in _inverse_of(transaction)),
        finished=transaction.finished,
        state=transaction.state.value,
        error=result.error,
        message=result.message,
        generation=result.default,
        made=_made_by(transaction),
        undoes=prepared.undoes,
        placed=_placed_by(transaction),
        is_mending=prepared.is_mending,
    )


def _made_by(transaction: Transaction) -> int:
    """Return the generation that a transaction made; 0 when it made none."""
    prepared, result = transaction.prepared, transaction.result
    is_new = result.default != prepared.default and prepared.derivation
    return result.default if is_new and transaction.state is TransactionState.DONE else 0


def _inverse_of(transaction: Transaction) -> tuple[Change, ...]:
    """Return the changes that take a transaction back; none when it changed nothing."""
    if transaction.wishes.mode is Mode.TEST and transaction.state is TransactionState.DONE:
        return (SwitchGeneration(transaction.prepared.default),)
    if transaction.wishes.mode is Mode.BUILD or transaction.state in {
        TransactionState.FAILED,
        TransactionState.CANCELLED,
    }:
        return ()
    return transaction.prepared.inverse


def _placed_by(transaction: Transaction) -> tuple[Mapping[str, Any], ...]:
    """Return what a transaction has edited in other files, if it can be taken back."""
    has_edited = transaction.wishes.mode is not Mode.TEST and _inverse_of(transaction)
    return tuple(item.as_data() for item in transaction.prepared.placed) if has_edited else ()


def told_exactly(error: LuminousError, undo: WayBack) -> LuminousError:
    """Add to `error` what became of the machine."""
    if undo.failures:
        text = f"{error.message} Worse: {'; '.join((*undo.failures, *undo.left))}."
        return ActivationFailed(text, {**error.details, "put_back": "no"})
    text = f"{error.message} {undo.outcome()}"
    return type(error)(text, {**error.details, "put_back": "yes"})


def storage_failed(error: OSError) -> StorageFailed:
    """Return the error for what a file system does not do."""
    place = f" ({error.filename})" if error.filename else ""
    reason = error.strerror or str(error)
    return StorageFailed(f"Luminous cannot read or write what it must: {reason}{place}.")


def good_news(transaction: Transaction, result: Result) -> str:
    """Return the sentence that says what is true after a success."""
    if isinstance(transaction.prepared.plan.changes[0], CollectGarbage):
        return f"Freed {result.freed} bytes."
    if isinstance(transaction.prepared.plan.changes[0], ImportFile):
        return "Luminous's file is imported; it is empty, so the system is as it was."
    match transaction.wishes.mode:
        case Mode.BUILD:
            return f"Built {result.toplevel}. Nothing was activated."
        case Mode.TEST:
            return "The new system runs until the next boot; the configuration is unchanged."
        case Mode.BOOT:
            return f"Generation {result.default} will run from the next boot on."
        case _:
            return f"Generation {result.running} runs now and boots by default."
