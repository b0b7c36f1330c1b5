"""Writing what a plan changes in the configuration and its inputs, step by step."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from luminous_daemon.core.inputs import InputsEdit
from luminous_daemon.core.redaction import redact_words
from luminous_protocol.changes import RestoreInputs, change_to_dict
from luminous_protocol.errors import Drifted, LuminousError
from luminous_protocol.transaction import Mode

if TYPE_CHECKING:
    from luminous_daemon.core.inputs import InputsUpdate
    from luminous_daemon.core.ports import World
    from luminous_daemon.core.transactions import Transaction
    from luminous_daemon.core.way_back import WayBack


PLACE = "place-"
"""How the steps are called that edit files which a person wrote; their number follows."""


def writes(transaction: Transaction) -> bool:
    """Tell whether the configuration or its inputs will be others.

    A system that is only tried until the next boot leaves them as they are.
    """
    prepared = transaction.prepared
    return transaction.wishes.mode is not Mode.TEST and bool(
        prepared.edit or prepared.inputs or prepared.placed or prepared.tracked
    )


async def write(world: World, transaction: Transaction, undo: WayBack) -> None:
    """Write the configuration and the inputs; `undo` is told of each step before it is taken."""
    if not writes(transaction):
        return
    prepared = transaction.prepared
    edits = {"create": prepared.creation, "write": prepared.edit}
    edits |= {f"{PLACE}{number}": item.edit for number, item in enumerate(prepared.placed)}
    created = [edit.file for edit in edits.values() if edit and edit.before is None]
    unknown = (*await world.repository.unknown_files(created), *prepared.tracked)
    for step, edit in edits.items():
        if edit:
            world.journal.step(transaction.id, step, asdict(edit))
            undo.edits.append(edit)
            world.configuration.replace(edit)
    if prepared.inputs:
        await _put_in_force(world, transaction, prepared.inputs, undo)
    if unknown:
        world.journal.step(transaction.id, "track", {"files": list(unknown)})
        undo.tracked = unknown
        await world.repository.track(unknown)


async def commit(world: World, transaction: Transaction, undo: WayBack) -> None:
    """Commit what was written, where that is wanted: a failure is told and changes nothing else.

    `undo` knows what was, also where an earlier daemon wrote it.
    """
    if not undo.edits and not undo.inputs:
        return
    prepared, user = transaction.prepared, transaction.caller.user
    changes = [change_to_dict(change) for change in prepared.plan.changes]
    words = redact_words(prepared.words, changes)
    said = f"“{words}” ({user})" if words else f"Asked for by {user}."
    message = f"{redact_words(prepared.plan.summary, changes)}\n\n{said}"
    try:
        await world.repository.commit(message, user, with_inputs=undo.inputs is not None)
    except (LuminousError, OSError) as error:
        transaction.remark = f"It could not be committed, though: {error}"
        transaction.write(transaction.remark)


async def _put_in_force(
    world: World, transaction: Transaction, update: InputsUpdate, undo: WayBack
) -> None:
    inputs = world.inputs
    if (inputs.source, inputs.generation()) != (update.source, update.before):
        raise Drifted(f"The {inputs.words} have changed since the plan was made. Plan again.")
    edit = InputsEdit(update.before, inputs.fingerprint(update.main), update.source)
    world.journal.step(transaction.id, "inputs", asdict(edit))
    undo.inputs = edit
    if update.paths:
        await inputs.adopt(update)
        return
    for change in transaction.prepared.plan.changes:
        if isinstance(change, RestoreInputs):
            await inputs.restore(change.generation)
