"""Confirming: a change that is kept only if somebody says so in time, also to the next daemon."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.records import DAMAGED_STEP
from luminous_daemon.core.reporting import storage_failed
from luminous_protocol.errors import Cancelled, TooLate, Unconfirmed
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.ports import BootTime, World
    from luminous_daemon.core.recovery import Steps
    from luminous_daemon.core.transactions import Transaction


class Questions:
    """The changes that wait to be confirmed."""

    def __init__(self, world: World) -> None:
        """Write what is asked and answered into the journal of `world`."""
        self._world = world
        self._open: dict[str, asyncio.Future[bool]] = {}

    def confirm(self, transaction: Transaction) -> None:
        """Keep what a transaction with `confirm_within` has activated. Raises `TooLate`."""
        question = self._open.get(transaction.id)
        if question is None or question.done():
            raise TooLate("There is nothing to confirm.")
        try:
            # What was confirmed once stays so, even if this daemon ends before it has gone on.
            self._world.journal.step(transaction.id, "confirmed", {})
        except OSError as error:
            raise storage_failed(error) from None
        question.set_result(True)

    def decline(self, transaction: Transaction) -> bool:
        """Put back at once what waits to be confirmed; tell whether it did wait."""
        question = self._open.get(transaction.id)
        if question is None or question.done():
            return False
        question.set_result(False)
        return True

    async def ask(self, transaction: Transaction, toplevel: str) -> None:
        """Wait until somebody confirms. Raises `Unconfirmed` when nobody does in time."""
        world, seconds = self._world, transaction.wishes.confirm_within
        step = _waiting_step(transaction, toplevel, world.boot_time())
        world.journal.step(transaction.id, "confirm", step)
        # Should this daemon end and not come back, it is started to put everything back.
        await world.activation.wake_after(transaction.id, seconds)
        waiting = f"waiting {seconds} seconds for confirmation"
        transaction.enter(TransactionState.CONFIRMING, waiting)
        await self.wait(transaction, {"confirm": step})

    async def wait(self, transaction: Transaction, taken: Mapping[str, Mapping[str, Any]]) -> None:
        """Wait for as long as is left, unless it was confirmed already. Raises `Unconfirmed`."""
        seconds = transaction.wishes.confirm_within
        question = asyncio.get_running_loop().create_future()
        if "confirmed" in taken:
            question.set_result(True)
        self._open[transaction.id] = question
        left = taken["confirm"]["until"] - self._world.boot_time().seconds
        try:
            is_kept = await asyncio.wait_for(question, left)
        except TimeoutError:
            raise Unconfirmed(f"Nobody confirmed within {seconds} seconds.") from None
        finally:
            del self._open[transaction.id]
        if not is_kept:
            raise Cancelled("Cancelled.")
        transaction.enter(TransactionState.ACTIVATING, "confirmed")


def _waiting_step(transaction: Transaction, toplevel: str, now: BootTime) -> dict[str, Any]:
    """Return what the journal keeps of a change that waits to be confirmed."""
    prepared, wishes = transaction.prepared, transaction.wishes
    return {
        "toplevel": toplevel,
        "boot": now.boot,
        "until": now.seconds + wishes.confirm_within,
        "seconds": wishes.confirm_within,
        "mode": wishes.mode.value,
        "plan": prepared.plan.id,
        "sender": transaction.caller.sender,  # stays the same on the bus when a daemon ends
        "derivation": prepared.derivation,
        "generations": list(prepared.plan.generations),
        "default": prepared.default,
    }


def is_waiting(world: World, steps: Steps) -> bool:
    """Tell whether a change still waits to be confirmed, or to go on since it was.

    It does in the same boot, before its time is over, as long as its system runs.
    """
    taken, now = dict(steps), world.boot_time()
    try:
        step = taken["confirm"]
        is_in_time = "confirmed" in taken or now.seconds < step["until"]
        is_same = bool(now.boot) and step["boot"] == now.boot
        is_running = world.profile.running() == step["toplevel"]
    except (KeyError, TypeError):
        return False
    has_gone_on = {"default", "back", DAMAGED_STEP} & set(taken)
    return is_in_time and is_same and is_running and not has_gone_on
