"""Committing: what was written is committed where that is wanted, and never decides a change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.changes import AddPackage
from luminous_protocol.errors import ActivationFailed, ConfigurationUnreadable
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench

if TYPE_CHECKING:
    from luminous_daemon.core.transactions import Transaction

HELLO = AddPackage("hello")


def test_what_was_written_is_committed_with_its_words_after_everything_went_well() -> None:
    bench = Bench()

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO, words="install hello, please")
        transaction = bench.transaction(prepared)
        await bench.executor.run(transaction)
        return transaction

    transaction = asyncio.run(steps())
    summary = transaction.prepared.plan.summary
    said = "“install hello, please” (alice)"
    assert bench.machine.commits == [(f"{summary}\n\n{said}", "alice", False)]
    assert transaction.result.message == "Generation 3 runs now and boots by default."


@pytest.mark.parametrize("mode", [Mode.TEST, Mode.BUILD])
def test_what_writes_nothing_commits_nothing(mode: Mode) -> None:
    bench = Bench()
    asyncio.run(bench.apply(HELLO, mode=mode))
    assert bench.machine.commits == []


def test_what_was_put_back_is_not_committed() -> None:
    bench = Bench()
    bench.machine.trouble("activation.test", ActivationFailed("It failed."))
    asyncio.run(bench.apply(HELLO))
    assert bench.machine.commits == []


def test_a_commit_that_fails_is_told_and_the_change_stands() -> None:
    bench = Bench()
    bench.machine.trouble("repository.commit", ConfigurationUnreadable("git cannot use it."))
    transaction = asyncio.run(bench.apply(HELLO))
    assert transaction.state is TransactionState.DONE
    assert transaction.result.message.endswith(
        "boots by default. It could not be committed, though: git cannot use it."
    )
    assert bench.machine.default == 3
