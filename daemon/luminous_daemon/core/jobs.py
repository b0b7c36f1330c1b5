"""Jobs: work that changes nothing of the system, and is a transaction all the same.

It makes no generation, needs no plan and is not in the history. Polkit is asked, everybody sees how
far it is, and it can be cancelled to its end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_daemon.core import permission
from luminous_daemon.core.prepared import Prepared
from luminous_protocol.errors import Busy, Cancelled
from luminous_protocol.plan import Plan, Risk
from luminous_protocol.transaction import Result, TransactionState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from luminous_daemon.core.ports import World
    from luminous_daemon.core.transactions import Transaction
    from luminous_protocol.errors import Detail, LuminousError
    from luminous_protocol.names import Action

    Permit = Callable[[Transaction], Awaitable[None]]
    Named = Callable[[Transaction, Exception], LuminousError]


@dataclass(frozen=True, slots=True)
class Ending:
    """What a job that has ended well says, to people and to programs."""

    message: str
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done, which action that needs, and who does it."""

    summary: str
    action: Action
    work: Callable[[Transaction], Awaitable[Ending]]

    def prepared(self) -> Prepared:
        """Return what stands where a change has its plan."""
        plan = Plan(
            id="", summary=self.summary, risk=Risk.LOW, changes=(), action=self.action, expires=0
        )
        return Prepared(plan=plan, words="", base="", default=0)


class Jobs:
    """Carries out one job at a time, whatever changes meanwhile."""

    def __init__(self, world: World, permit: Permit, named: Named) -> None:
        """Work where `permit` returns, which asks; `named` says what an error is called."""
        self._world, self._permit, self._named = world, permit, named
        self._is_busy = False

    def refuse_when_busy(self) -> None:
        """Raise `Busy` while a job is under way."""
        if self._is_busy:
            raise Busy("That is being done at this moment. Wait until it is over.")

    async def run(
        self, transaction: Transaction, work: Callable[[Transaction], Awaitable[Ending]]
    ) -> None:
        """Do `work` to its end; whatever happens becomes the result of `transaction`."""
        try:
            self.refuse_when_busy()
            self._is_busy = True
            try:
                ending = await self._do(transaction, work)
            finally:
                self._is_busy = False
        except asyncio.CancelledError:
            self._fail(transaction, Cancelled("Cancelled. Nothing was changed."))
        except Exception as error:  # noqa: BLE001 - the last stop before a client would wait for ever
            self._fail(transaction, self._named(transaction, error))
        else:
            transaction.details = ending.details
            self._end(transaction, TransactionState.DONE, Result(message=ending.message))

    async def _do(
        self, transaction: Transaction, work: Callable[[Transaction], Awaitable[Ending]]
    ) -> Ending:
        await self._permit(transaction)
        transaction.enter(TransactionState.BUILDING, "starting")
        return await work(transaction)

    def _fail(self, transaction: Transaction, error: LuminousError) -> None:
        is_cancelled = isinstance(error, Cancelled)
        state = TransactionState.CANCELLED if is_cancelled else TransactionState.FAILED
        transaction.details = error.details
        self._end(transaction, state, Result(error=error.name, message=error.message))

    def _end(self, transaction: Transaction, state: TransactionState, result: Result) -> None:
        transaction.end(state, result, int(self._world.clock()))
        permission.record_end(self._world, transaction)
        transaction.announce()
