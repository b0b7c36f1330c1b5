"""Planning and carrying out on the fake machine, as one call that a test can make."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_daemon.core.execution import Executor
from luminous_daemon.core.on_disk import OnDisk
from luminous_daemon.core.planning import Planner, Request
from luminous_daemon.core.recovery import recover
from luminous_daemon.core.transactions import Transaction, Wishes
from luminous_protocol.codec import parse_changes
from luminous_protocol.transaction import Mode
from tests.unit.luminous_daemon.fake_journal import FakeJournal
from tests.unit.luminous_daemon.fake_world import ALICE, Machine, PowerCut, make_machine, make_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_daemon.core.ports import Caller
    from luminous_daemon.core.prepared import Prepared
    from luminous_daemon.core.records import Record
    from luminous_protocol.changes import Change
    from luminous_protocol.transaction import TransactionState


@dataclass
class Bench:
    """A machine, its ports and one executor; `defects` are those that it reported."""

    machine: Machine = field(default_factory=make_machine)
    defects: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Join the ports."""
        self.world = make_world(self.machine)
        self.on_disk = OnDisk(self.world)
        self.executor = Executor(
            self.world, self.on_disk, lambda _, error: self.defects.append(error)
        )
        self._numbers = iter(range(1, 1000))

    async def plan(
        self, *changes: Change, words: str = "", build: bool = False, caller: Caller = ALICE
    ) -> Prepared:
        """Plan changes."""
        return await Planner(self.world, self.on_disk).prepare(
            Request(changes, caller, words, build)
        )

    async def undo(self, identifier: str) -> Transaction:
        """Plan and carry out what takes a transaction back."""
        record = self.journal.find(identifier)
        assert record
        changes = parse_changes(list(record.inverse))
        request = Request(changes, ALICE, "undo", undoes=identifier)
        transaction = self.transaction(await Planner(self.world, self.on_disk).prepare(request))
        await self.executor.run(transaction)
        return transaction

    def transaction(self, prepared: Prepared, **wishes: object) -> Transaction:
        """Return a transaction that has not begun."""
        return Transaction(
            id=f"t{next(self._numbers)}",
            prepared=prepared,
            caller=ALICE,
            wishes=Wishes(**wishes),  # type: ignore[arg-type] # by name, as in Wishes
            started=int(self.machine.now),
        )

    async def apply(self, *changes: Change, mode: Mode = Mode.SWITCH) -> Transaction:
        """Plan and carry out changes."""
        transaction = self.transaction(await self.plan(*changes), mode=mode)
        self.machine.calls.clear()
        await self.executor.run(transaction)
        return transaction

    @property
    def journal(self) -> FakeJournal:
        """What survives on disk."""
        journal = self.world.journal
        assert isinstance(journal, FakeJournal)
        return journal

    async def start_again(self) -> list[Record]:
        """Do what a daemon does at its start, on the same machine; return what it recovered."""
        self.machine.cut_before = self.machine.cut_after = -1
        found = []
        for record, steps in self.journal.unfinished():
            recovered = await recover(self.world, record, steps)
            self.journal.finish(recovered)
            found.append(recovered)
        return found


def cut_short(bench: Bench, transaction: Transaction) -> None:
    """Carry a transaction out until the power goes."""

    async def carry_out() -> None:
        try:
            await bench.executor.run(transaction)
        except PowerCut:
            return

    asyncio.run(carry_out())


def states_of(transaction: Transaction) -> list[TransactionState]:
    """Return the list that the transaction's states will be added to, one by one."""
    seen = [transaction.state]
    inner: Callable[[str], None] = transaction.observer

    def observe(what: str) -> None:
        if transaction.state is not seen[-1]:
            seen.append(transaction.state)
        inner(what)

    transaction.observer = observe
    return seen
