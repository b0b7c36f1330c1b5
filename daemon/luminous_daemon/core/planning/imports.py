"""The plan that sets Luminous up: its file, and the import of it in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core import policy
from luminous_daemon.core.edits import Candidate
from luminous_daemon.core.importing import not_edited
from luminous_daemon.core.planning.request import Request, sealed
from luminous_daemon.core.prepared import Prepared
from luminous_protocol.errors import (
    ConfigurationUnreadable,
    EvaluationFailed,
    NothingToDo,
    NotImported,
)
from luminous_protocol.plan import Plan

if TYPE_CHECKING:
    from luminous_daemon.core.facts import Evaluation
    from luminous_daemon.core.importing import ImportEdit
    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.ports import World

_ANOTHER_SYSTEM = (
    "because the system would be another one then (afterwards, ask-nix rebuild --dry-run shows it)"
)
_FAILS = "because Nix fails to evaluate it with the import there"
_NO_EFFECT = "because Nix does not see the import there"


async def plan_import(world: World, on_disk: OnDisk, request: Request, expires: int) -> Prepared:
    """Plan to make the configuration import Luminous's file, which changes nothing by itself.

    Raises `NothingToDo` where it does, and `NotImported` where it has to be done by hand.
    """
    digest, file = world.configuration.digest(), world.configuration.file
    base = await _evaluate(world, on_disk)
    if base.is_imported:
        raise NothingToDo(f"Luminous is set up already: your configuration imports {file}.")
    planned = world.configuration.plan_import()
    await _try_out(world, planned, base)
    plan = Plan(
        id="",
        summary=f"import {file}",
        risk=policy.risk_of(request.changes[0]),
        changes=request.changes,
        action=policy.action_for(request.changes),
        expires=expires,
        configuration_diff=planned.diff,
    )
    return sealed(
        Prepared(
            plan=plan,
            words=request.words,
            base=world.profile.running(),
            default=world.profile.default(),
            digest=digest,
            creation=planned.creation,
            edit=planned.edit,
            derivation=base.derivation,
            toplevel=base.toplevel,
        )
    )


async def _evaluate(world: World, on_disk: OnDisk) -> Evaluation:
    """Evaluate the configuration as it is; what fails for want of the file says how to make it."""
    file = world.configuration.file
    try:
        return await on_disk.evaluate()
    except EvaluationFailed as error:
        if f"'{file}'" not in error.message or not _is_missing(world):
            raise
        reason = error.message.rstrip(".")
        text = f"{reason}. To make an empty one, as root: luminousd --print-module > {file}"
        raise EvaluationFailed(text, error.details) from None


def _is_missing(world: World) -> bool:
    try:
        world.configuration.read()
    except NotImported:
        return True
    except ConfigurationUnreadable:
        return False
    return False


async def _try_out(world: World, planned: ImportEdit, base: Evaluation) -> None:
    """Raise `NotImported` unless the import is seen by Nix and makes no other system of `base`."""
    try:
        after = await world.evaluator.evaluate(Candidate(planned.trial))
    except EvaluationFailed:  # of a text that is Luminous's; what people wrote does evaluate
        why = _FAILS
    else:
        why = "" if after.is_imported else _NO_EFFECT
        if after.is_imported and after.derivation != base.derivation:
            why = _ANOTHER_SYSTEM
    if why:
        names = (world.configuration.file, planned.edit.file, planned.item)
        raise not_edited(names, why, planned.diff)
