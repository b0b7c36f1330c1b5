"""Turns: one change at a time, cancelled for free before activation, and kept only if confirmed."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.execution import Executor
from luminous_daemon.core.transactions import NEXT, Transaction
from luminous_protocol.changes import AddPackage, CollectGarbage
from luminous_protocol.errors import ActivationFailed, Busy, TooLate
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, states_of
from tests.unit.luminous_daemon.waiting import until
from tests.unit.luminous_protocol.strategies import thoroughly

if TYPE_CHECKING:
    from luminous_protocol.changes import Change

S = TransactionState
MAX_TURNS = 200


def begin(bench: Bench, transaction: Transaction) -> asyncio.Task[None]:
    """Start carrying out."""
    return asyncio.create_task(bench.executor.run(transaction))


async def held_at(
    bench: Bench, step: str, **wishes: object
) -> tuple[Transaction, asyncio.Task[None]]:
    """Carry out an installation until it stands at a step that waits for its gate."""
    transaction = bench.transaction(await bench.plan(AddPackage("hello")), **wishes)
    bench.machine.gates[step] = asyncio.Event()
    task = begin(bench, transaction)
    await until(lambda: step in bench.machine.calls)
    return transaction, task


@pytest.mark.parametrize(
    ("step", "state"), [("authority.require", S.AUTHORISING), ("store.build", S.BUILDING)]
)
def test_cancelling_before_activation_leaves_everything_as_it_was(step: str, state: S) -> None:
    async def steps() -> None:
        bench = Bench()
        before = bench.machine.state()
        transaction, task = await held_at(bench, step)
        assert transaction.state is state
        Executor.check_cancellable(transaction)
        task.cancel()
        await task
        assert transaction.state is S.CANCELLED
        assert transaction.result.message == "Cancelled. Nothing was changed."
        assert bench.machine.state() == before
        assert not bench.executor.is_busy
        assert bench.journal.unfinished() == []
        with pytest.raises(TooLate, match="over already"):
            Executor.check_cancellable(transaction)

    asyncio.run(steps())


def test_a_plan_in_preparation_can_be_cancelled() -> None:
    async def steps() -> None:
        bench = Bench()
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        never = asyncio.Event()

        async def prepare() -> object:
            return await never.wait()

        task = asyncio.create_task(bench.executor.run(transaction, prepare))  # type: ignore[arg-type] # it never returns
        seen = states_of(transaction)
        await asyncio.sleep(0)
        task.cancel()
        await task
        assert seen == [S.PREPARING, S.CANCELLED]

    asyncio.run(steps())


@pytest.mark.parametrize("step", ["evaluator.evaluate", "activation.test", "activation.boot"])
def test_activation_cannot_be_cancelled(step: str) -> None:
    async def steps() -> None:
        bench = Bench()
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        bench.machine.calls.clear()
        bench.machine.gates[step] = asyncio.Event()
        task = begin(bench, transaction)
        await until(lambda: step in bench.machine.calls)
        with pytest.raises(TooLate, match="being activated"):
            Executor.check_cancellable(transaction)
        bench.machine.gates[step].set()
        await task
        assert transaction.state is S.DONE

    asyncio.run(steps())


def test_a_daemon_that_goes_down_in_an_activation_leaves_it_to_the_next_start() -> None:
    async def steps() -> None:
        bench = Bench()
        before = bench.machine.state()
        transaction, task = await held_at(bench, "activation.test")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert transaction.state is S.ACTIVATING
        bench.machine.gates.clear()
        (record,) = await bench.start_again()
        assert record.error == "Interrupted"
        assert bench.machine.state() == before

    asyncio.run(steps())


def test_a_second_change_is_told_that_the_first_is_being_made() -> None:
    async def steps() -> None:
        bench = Bench()
        first, task = await held_at(bench, "store.build")
        assert bench.executor.is_busy
        with pytest.raises(Busy, match="Another change is being made"):
            bench.executor.refuse_when_busy(wait=False)
        bench.executor.refuse_when_busy(wait=True)
        second = bench.transaction(first.prepared)
        await bench.executor.run(second)
        assert (second.state, second.result.error) == (S.FAILED, "Busy")
        assert bench.journal.find(second.id) is None
        bench.machine.gates["store.build"].set()
        await task
        assert first.state is S.DONE

    asyncio.run(steps())


def test_a_second_change_that_waits_has_its_turn_afterwards_and_checks_its_ground() -> None:
    async def steps() -> None:
        bench = Bench()
        first, task = await held_at(bench, "store.build")
        second = bench.transaction(first.prepared, wait=True)
        seen = states_of(second)
        waiting = begin(bench, second)
        await until(lambda: second.state is S.WAITING)
        bench.machine.gates["store.build"].set()
        await task
        await waiting
        assert seen == [S.PREPARING, S.AUTHORISING, S.WAITING, S.BUILDING, S.FAILED]
        assert (first.state, second.result.error) == (S.DONE, "Drifted")

    asyncio.run(steps())


def test_waiting_can_be_cancelled_and_keeps_no_place() -> None:
    async def steps() -> None:
        bench = Bench()
        first, task = await held_at(bench, "store.build")
        second = bench.transaction(first.prepared, wait=True)
        waiting = begin(bench, second)
        await until(lambda: second.state is S.WAITING)
        waiting.cancel()
        await waiting
        assert second.state is S.CANCELLED
        bench.machine.gates["store.build"].set()
        await task
        assert first.state is S.DONE
        assert not bench.executor.is_busy

    asyncio.run(steps())


def test_what_is_confirmed_in_time_is_kept() -> None:
    async def steps() -> None:
        bench = Bench()
        transaction = bench.transaction(await bench.plan(AddPackage("hello")), confirm_within=60)
        seen = states_of(transaction)
        task = begin(bench, transaction)
        await until(lambda: transaction.state is S.CONFIRMING)
        assert transaction.phase == "waiting 60 seconds for confirmation"
        assert bench.machine.default == 2, "not the default before it is confirmed"
        bench.executor.questions.confirm(transaction)
        await task
        assert seen[-4:] == [S.ACTIVATING, S.CONFIRMING, S.ACTIVATING, S.DONE]
        assert bench.machine.default == 3
        with pytest.raises(TooLate, match="nothing to confirm"):
            bench.executor.questions.confirm(transaction)

    asyncio.run(steps())


def test_what_nobody_confirms_is_put_back() -> None:
    async def steps() -> None:
        bench = Bench()
        before = bench.machine.state()
        transaction = bench.transaction(await bench.plan(AddPackage("hello")), confirm_within=0.01)
        await bench.executor.run(transaction)
        assert (transaction.state, transaction.result.error) == (S.FAILED, "Unconfirmed")
        assert transaction.result.message.startswith("Nobody confirmed within ")
        assert transaction.result.put_back
        assert bench.machine.state() == before

    asyncio.run(steps())


def test_what_is_declined_is_put_back_at_once() -> None:
    async def steps() -> None:
        bench = Bench()
        before = bench.machine.state()
        transaction = bench.transaction(await bench.plan(AddPackage("hello")), confirm_within=60)
        task = begin(bench, transaction)
        await until(lambda: transaction.state is S.CONFIRMING)
        assert bench.executor.questions.decline(transaction)
        assert not bench.executor.questions.decline(transaction)
        await task
        assert transaction.state is S.CANCELLED
        assert transaction.result.put_back
        assert bench.machine.state() == before

    asyncio.run(steps())


def test_there_is_nothing_to_confirm_without_a_time_limit() -> None:
    async def steps() -> None:
        bench = Bench()
        transaction = await bench.apply(AddPackage("hello"))
        with pytest.raises(TooLate):
            bench.executor.questions.confirm(transaction)
        assert not bench.executor.questions.decline(transaction)

    asyncio.run(steps())


STEPS = st.sampled_from(
    ["authority.require", "store.build", "activation.test", "activation.boot", "health.measure"]
)


@thoroughly
@given(
    mode=st.sampled_from(list(Mode)),
    troubles=st.lists(STEPS, max_size=2),
    cancel_after=st.none() | st.integers(1, 30),
    rivals=st.lists(st.booleans(), max_size=2),
)
def test_whatever_happens_every_transaction_ends_and_the_machine_is_whole(
    mode: Mode, troubles: list[str], cancel_after: int | None, *, rivals: list[bool]
) -> None:
    async def steps() -> None:
        bench = Bench()
        prepared = await bench.plan(AddPackage("hello"))
        before = bench.machine.state()
        for step in troubles:
            bench.machine.trouble(step, ActivationFailed("It went wrong."))
        wishes = [(mode, False), *((Mode.SWITCH, wait) for wait in rivals)]
        transactions = [bench.transaction(prepared, mode=m, wait=w) for m, w in wishes]
        seen = [states_of(transaction) for transaction in transactions]
        tasks = [begin(bench, transaction) for transaction in transactions]
        for turn in range(MAX_TURNS):
            if turn == cancel_after:
                _cancel_if_possible(transactions[0], tasks[0])
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        for transaction, states in zip(transactions, seen, strict=True):
            assert transaction.state.is_final
            ends = [*states, *([] if states[-1].is_final else [transaction.state])]
            assert all(b in NEXT[a] for a, b in pairwise(ends))
        is_stuck = any("Worse:" in item.result.message for item in transactions)
        has_changed = any(
            item.state is S.DONE and item.wishes.mode is not Mode.BUILD for item in transactions
        )
        assert is_stuck or (bench.machine.state() != before) is has_changed
        assert bench.journal.unfinished() == []
        assert bench.defects == []
        assert not bench.executor.is_busy

    asyncio.run(steps())


def _cancel_if_possible(transaction: Transaction, task: asyncio.Task[None]) -> None:
    try:
        Executor.check_cancellable(transaction)
    except TooLate:
        return
    task.cancel()


@pytest.mark.parametrize("change", [AddPackage("hello"), CollectGarbage(0, 1)])
def test_nothing_is_written_while_another_program_switches_the_system(change: Change) -> None:
    bench = Bench()
    bench.machine.is_switched_elsewhere = True
    before = bench.machine.state()
    transaction = asyncio.run(bench.apply(change))
    assert (transaction.state, transaction.result.error) == (TransactionState.FAILED, "Busy")
    assert bench.machine.state() == before
    assert "journal.begin" not in bench.machine.calls


def test_another_program_that_begins_while_a_system_is_built_is_seen_before_the_writing() -> None:
    bench = Bench()

    async def steps() -> Transaction:
        transaction, task = await held_at(bench, "store.build")
        bench.machine.is_switched_elsewhere = True
        bench.machine.gates["store.build"].set()
        await task
        return transaction

    before = bench.machine.state()
    transaction = asyncio.run(steps())
    assert transaction.result.error == "Busy"
    assert bench.machine.state() == before
