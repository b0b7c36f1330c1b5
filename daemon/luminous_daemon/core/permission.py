"""Permission: polkit is asked, once it is on record who wants what; so is what it decides.

Without a record nothing is done: where it cannot be written, the answer is no.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from luminous_daemon.core import auditing
from luminous_protocol.errors import LuminousError
from luminous_protocol.names import Action

if TYPE_CHECKING:
    from luminous_daemon.core.ports import Caller, World
    from luminous_daemon.core.transactions import Transaction


async def obtain(world: World, transaction: Transaction) -> None:
    """Return when `transaction` may be carried out.

    Raises an `AuthorizationError`, or `StorageFailed` where that cannot be recorded.
    """
    plan, caller = transaction.prepared.plan, transaction.caller
    world.audit.record(auditing.asked(transaction))
    transaction.is_recorded = True
    details = {
        "summary": plan.summary,
        "risk": plan.risk.value,
        "plan": plan.id,
        "user": caller.user,
    }
    ask = transaction.ask if transaction.wishes.interactive else None
    try:
        await world.authority.require(caller, plan.action, details, ask=ask)
    except (LuminousError, asyncio.CancelledError) as refusal:
        world.audit.record_late(auditing.decided(transaction, refusal))
        raise
    world.audit.record(auditing.decided(transaction, None))


async def interfere(world: World, transaction: Transaction, caller: Caller, deed: str) -> None:
    """Return when `caller` may cancel or confirm `transaction`, as `deed` says.

    One's own needs nothing. Raises as `obtain` does.
    """
    if caller.uid == transaction.caller.uid:
        return
    decision = deed, str(Action.MANAGE_OTHERS)
    details = {"summary": transaction.prepared.plan.summary}
    try:
        await world.authority.require(caller, Action.MANAGE_OTHERS, details, ask=lambda: None)
    except (LuminousError, asyncio.CancelledError) as refusal:
        world.audit.record_late(auditing.managed(transaction, caller, decision, refusal))
        raise
    world.audit.record(auditing.managed(transaction, caller, decision, None))


def record_end(world: World, transaction: Transaction) -> None:
    """Record what came of `transaction`, now or as soon as that can be written."""
    if transaction.is_recorded:
        world.audit.record_late(auditing.ended(transaction))
