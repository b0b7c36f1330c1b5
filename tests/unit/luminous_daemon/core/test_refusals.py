"""Whoever is refused again and again waits, so that the record does not fill the disk."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.core.refusals import Refusals
from luminous_protocol.changes import AddPackage
from luminous_protocol.errors import Dismissed, LimitExceeded, NotAuthorized
from luminous_protocol.transaction import TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_audit import FakeAudit
from tests.unit.luminous_daemon.fake_world import ALICE

BOB = replace(ALICE, uid=ALICE.uid + 1, user="bob")
MOST = 60


class Clock:
    """A time that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return it."""
        return self.now


def refuse(refusals: Refusals, times: int) -> None:
    """Let alice ask in vain so often."""
    for number in range(times):
        error = Dismissed("no") if number % 2 else NotAuthorized("no")
        with pytest.raises(type(error)), refusals.counted(ALICE):
            raise error


def test_too_many_refusals_in_a_minute_are_an_error_of_their_own_until_it_is_over() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    refuse(refusals, MOST)
    with pytest.raises(LimitExceeded), refusals.counted(ALICE):
        pytest.fail("it was tried")
    clock.now += 59
    with pytest.raises(LimitExceeded), refusals.counted(ALICE):
        pytest.fail("it was tried")
    clock.now += 1
    refuse(refusals, MOST)


def test_others_and_what_is_allowed_are_not_counted() -> None:
    refusals = Refusals(Clock())
    refuse(refusals, MOST - 1)
    for _ in range(2 * MOST):
        with refusals.counted(ALICE), refusals.counted(BOB):
            pass
    refuse(refusals, 1)
    with refusals.counted(BOB):
        pass


def test_a_request_past_the_limit_is_not_even_recorded() -> None:
    async def steps() -> None:
        bench = Bench()
        audit = bench.world.audit
        assert isinstance(audit, FakeAudit)
        bench.machine.trouble("authority.require", *[NotAuthorized("no")] * MOST)
        for _ in range(MOST):
            transaction = bench.transaction(await bench.plan(AddPackage("hello")))
            await bench.executor.run(transaction)
            assert transaction.result.error == "NotAuthorized"
        recorded = len(audit.written)
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        await bench.executor.run(transaction)
        assert transaction.state is TransactionState.FAILED
        assert transaction.result.error == "LimitExceeded"
        assert len(audit.written) == recorded > 0

    asyncio.run(steps())
