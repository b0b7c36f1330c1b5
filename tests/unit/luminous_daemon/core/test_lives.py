"""Lives of a machine: whatever is done to it in any order, each change is whole or not there."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from luminous_daemon.core.execution import Executor
from luminous_daemon.core.transactions import NEXT, Transaction
from luminous_protocol.changes import AddPackage, RemovePackage
from luminous_protocol.errors import ActivationFailed, BuildFailed, NotAuthorized, TooLate
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, states_of
from tests.unit.luminous_daemon.fake_world import PowerCut
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

S = TransactionState
TROUBLES = {
    "authority.require": NotAuthorized("No."),
    "store.build": BuildFailed("It does not build."),
    "activation.test": ActivationFailed("It does not come up."),
    "activation.boot": ActivationFailed("The boot menu cannot be written."),
}
CHANGING = st.sampled_from([Mode.SWITCH, Mode.BOOT])


class Life(RuleBasedStateMachine):
    """A machine on which one package comes and goes."""

    def __init__(self) -> None:
        """Begin with a machine on which nothing was asked for."""
        super().__init__()
        self.runner = asyncio.Runner()
        self.bench = Bench()
        self.ended: list[str] = []

    def teardown(self) -> None:
        """Close the loop."""
        self.runner.close()

    @rule(mode=CHANGING)
    def it_works(self, mode: Mode) -> None:
        """Make a change to which nothing happens."""
        assert self._live(self._carried_out(mode)).state is S.DONE

    @rule(step=st.sampled_from(sorted(TROUBLES)))
    def it_fails(self, step: str) -> None:
        """Make a change that fails at a step, and is put back."""
        before = self.bench.machine.state()
        self.bench.machine.trouble(step, TROUBLES[step])
        ended = self._live(self._carried_out(Mode.SWITCH))
        # What is built already does not fail to build.
        has_failed = not self.bench.machine.troubles.pop(step)
        assert ended.state is (S.FAILED if has_failed else S.DONE)
        assert (self.bench.machine.state() == before) is has_failed

    @rule(turn=st.integers(1, 25))
    def it_is_cancelled(self, turn: int) -> None:
        """Cancel a change at some moment, if it can be."""
        before = self.bench.machine.state()
        ended = self._live(self._carried_out(Mode.SWITCH, cancel_after=turn))
        assert ended.state in {S.CANCELLED, S.DONE}
        assert (self.bench.machine.state() == before) is (ended.state is S.CANCELLED)

    @rule(keep=st.booleans())
    def it_waits_for_an_answer(self, *, keep: bool) -> None:
        """Confirm or decline what waits for it."""
        before = self.bench.machine.state()
        ended = self._live(self._answered(keep=keep))
        assert ended.state is (S.DONE if keep else S.CANCELLED)
        assert (self.bench.machine.state() == before) is not keep

    @rule(step=st.integers(1, 25))
    def the_power_goes(self, step: int) -> None:
        """Cut the power at some step, and start the daemon again."""
        bench, before = self.bench, self.bench.machine.state()
        transaction = self._live(self._transaction(Mode.SWITCH))
        bench.machine.calls.clear()
        bench.machine.cut_before = step
        self._live(_until_power_goes(bench, transaction))
        recovered = self._live(bench.start_again())
        bench.executor = Executor(
            bench.world, bench.on_disk, lambda _, error: bench.defects.append(error)
        )
        was_done = transaction.state is S.DONE or any(item.state == "done" for item in recovered)
        assert (bench.machine.state() != before) is was_done

    @invariant()
    def nothing_is_half_done(self) -> None:
        """Look at what holds between any two changes."""
        bench = self.bench
        assert not bench.executor.is_busy
        assert bench.defects == []
        assert bench.journal.unfinished() == []
        assert all(record.finished and record.state for record in bench.journal.records(1000))
        ids = [record.id for record in bench.journal.records(1000)]
        assert len(ids) == len(set(ids))

    def _live(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work returns
        return self.runner.run(work)

    async def _transaction(self, mode: Mode, **wishes: object) -> Transaction:
        is_there = "pkgs.hello" in self.bench.machine.text
        change = RemovePackage("hello") if is_there else AddPackage("hello")
        return self.bench.transaction(await self.bench.plan(change), mode=mode, **wishes)

    async def _carried_out(self, mode: Mode, cancel_after: int = 0) -> Transaction:
        transaction = await self._transaction(mode)
        states = states_of(transaction)
        heard: list[str] = []
        inner = transaction.observer

        def listen(what: str) -> None:
            heard.append(what)
            inner(what)

        transaction.observer = listen
        task = asyncio.create_task(self.bench.executor.run(transaction))
        if cancel_after:
            for _ in range(cancel_after):
                await asyncio.sleep(0)
            _cancel(transaction, task)
        await task
        assert all(after in NEXT[before] for before, after in pairwise(states))
        assert heard.count("finished") == 1
        return transaction

    async def _answered(self, *, keep: bool) -> Transaction:
        transaction = await self._transaction(Mode.SWITCH, confirm_within=60)
        task = asyncio.create_task(self.bench.executor.run(transaction))
        await until(lambda: transaction.state is S.CONFIRMING)
        if keep:
            self.bench.executor.questions.confirm(transaction)
        else:
            assert self.bench.executor.questions.decline(transaction)
        await task
        return transaction


async def _until_power_goes(bench: Bench, transaction: Transaction) -> None:
    try:
        await bench.executor.run(transaction)
    except PowerCut:
        return


def _cancel(transaction: Transaction, task: asyncio.Task[None]) -> None:
    try:
        Executor.check_cancellable(transaction)
    except TooLate:
        return
    task.cancel()


def test_no_life_leaves_a_change_half_done() -> None:
    lives = settings(max_examples=30, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(Life, settings=lives)
