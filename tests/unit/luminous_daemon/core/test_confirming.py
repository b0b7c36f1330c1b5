"""Confirming, from one daemon to the next: who still waits, for how long, and who does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luminous_daemon.core.confirming import is_waiting
from luminous_protocol.changes import AddPackage
from tests.unit.luminous_daemon.carrying_out import Bench, cut_short

STEP = {"toplevel": "/new", "boot": "first boot", "until": 60.0}


def world_of(bench: Bench, seconds: float = 0, boot: str = "first boot") -> Any:  # noqa: ANN401 - a World
    """Return the ports of a machine that runs the new system, at a moment."""
    bench.machine.running = "/new"
    bench.machine.now += seconds
    bench.machine.boot = boot
    return bench.world


@pytest.mark.parametrize(
    ("steps", "seconds", "boot", "waits"),
    [
        ([("confirm", STEP)], 0, "first boot", True),
        ([("confirm", STEP)], 1000, "first boot", False),
        ([("confirm", STEP)], 0, "second boot", False),
        ([("confirm", STEP)], 0, "", False),
        ([("confirm", {**STEP, "boot": ""})], 0, "", False),
        ([("confirm", STEP), ("confirmed", {})], 1000, "first boot", True),
        ([("confirm", STEP), ("confirmed", {})], 0, "second boot", False),
        ([("confirm", STEP), ("confirmed", {}), ("default", {})], 0, "first boot", False),
        ([("confirm", STEP), ("back", {})], 0, "first boot", False),
        ([("confirm", STEP), ("damaged", {})], 0, "first boot", False),
        ([("confirm", {**STEP, "toplevel": "/old"})], 0, "first boot", False),
        ([("confirm", {})], 0, "first boot", False),
        ([("confirm", {**STEP, "until": "soon"})], 0, "first boot", False),
        ([("test", {})], 0, "first boot", False),
    ],
)
def test_only_what_is_in_time_in_the_same_boot_still_waits(
    steps: list[tuple[str, dict[str, Any]]], seconds: int, boot: str, *, waits: bool
) -> None:
    bench = Bench()
    bench.machine.now -= bench.world.boot_time().seconds  # the boot has just begun
    assert is_waiting(world_of(bench, seconds, boot), steps) is waits


def test_the_daemon_is_woken_should_it_not_come_back() -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))), confirm_within=60)
    bench.machine.calls.clear()
    asyncio.run(_until_waiting(bench, transaction))
    assert f"activation.wake {transaction.id} 60" in bench.machine.calls
    steps = [name for name, _ in bench.journal.steps(transaction.id)]
    assert steps == ["write", "track", "test", "confirm", "confirmed", "default"]


async def _until_waiting(bench: Bench, transaction: Any) -> None:  # noqa: ANN401 - a Transaction
    task = asyncio.create_task(bench.executor.run(transaction))
    while transaction.state != "confirming":
        await asyncio.sleep(0)
    bench.executor.questions.confirm(transaction)
    await task


def test_a_power_cut_while_it_waits_is_no_confirmation() -> None:
    bench = Bench()
    before = bench.machine.state()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))), confirm_within=60)
    bench.machine.calls.clear()
    bench.machine.troubles.clear()
    bench.machine.cut_after = -1
    calls = ["journal.confirm"]
    begin = bench.machine.begin

    def cut(step: str) -> None:
        if step in calls:
            bench.machine.cut_before = len(bench.machine.calls) + 2
        begin(step)

    bench.machine.begin = cut  # type: ignore[method-assign] # the power goes right after it
    cut_short(bench, transaction)
    bench.machine.boot = "second boot"
    (record,) = asyncio.run(bench.start_again())
    assert (record.state, record.error) == ("failed", "Unconfirmed")
    assert record.message == "This was not confirmed. Everything was put back as it was."
    assert bench.machine.state() == before
