"""Recovery: wherever the power goes, the next start leaves the machine whole, before or after."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luminous_daemon.core.recovery import recover
from luminous_protocol.changes import (
    AddPackage,
    Change,
    CollectGarbage,
    RemovePackage,
    SwitchGeneration,
    UpdateInputs,
)
from luminous_protocol.errors import ActivationFailed
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, cut_short
from tests.unit.luminous_daemon.fake_inputs import FakeInputs

BOTH: tuple[Change, ...] = (AddPackage("hello"), UpdateInputs())
PLANS: list[tuple[tuple[Change, ...], Mode]] = [
    (BOTH, Mode.SWITCH),
    ((RemovePackage("git"), AddPackage("hello")), Mode.SWITCH),
    (BOTH, Mode.BOOT),
    (BOTH, Mode.TEST),
    (BOTH, Mode.BUILD),
    ((SwitchGeneration(1),), Mode.SWITCH),
]


def calls_of(changes: tuple[Change, ...], mode: Mode, trouble: str = "") -> tuple[list[str], Bench]:
    """Return the steps that a transaction takes when nothing stops it."""
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(*changes)), mode=mode)
    if trouble:
        bench.machine.trouble(trouble, ActivationFailed("It went wrong."))
    bench.machine.calls.clear()
    asyncio.run(bench.executor.run(transaction))
    return list(bench.machine.calls), bench


@pytest.mark.parametrize("trouble", ["", "activation.boot", "activation.test"])
@pytest.mark.parametrize("when", ["cut_before", "cut_after"])
@pytest.mark.parametrize(("changes", "mode"), PLANS, ids=str)
def test_after_a_power_cut_at_any_step_the_machine_is_as_before_or_as_after(
    changes: tuple[Change, ...], mode: Mode, when: str, *, trouble: str
) -> None:
    calls, _ = calls_of(changes, mode, trouble)
    after = calls_of(changes, mode)[1].machine.state()
    for number, step in enumerate(calls, start=1):
        bench = Bench()
        before = bench.machine.state()
        transaction = bench.transaction(asyncio.run(bench.plan(*changes)), mode=mode)
        if trouble:
            bench.machine.trouble(trouble, ActivationFailed("It went wrong."))
        bench.machine.calls.clear()
        setattr(bench.machine, when, number)
        cut_short(bench, transaction)
        if len(bench.machine.calls) > number:
            continue  # a step that has no effect cannot be cut after it
        records = asyncio.run(bench.start_again())
        place = f"{when} {number}: {step}"
        assert bench.machine.state() in {before, after}, place
        is_done = bench.machine.state() != before
        for record in records:
            assert record.state == ("done" if is_done else "failed"), place
            assert record.error == ("" if is_done else "Interrupted")
            assert bool(record.inverse) is is_done
            assert record.finished
        assert bench.journal.unfinished() == []
        assert asyncio.run(bench.start_again()) == []


def test_what_was_healthy_is_finished_and_can_be_undone() -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    bench.machine.calls.clear()
    bench.machine.cut_before = (
        calls_of((AddPackage("hello"),), Mode.SWITCH)[0].index("activation.profile") + 1
    )
    cut_short(bench, transaction)
    (record,) = asyncio.run(bench.start_again())
    assert record.message == "The daemon stopped; this was finished afterwards."
    assert (record.generation, record.made) == (3, 3)
    assert record.inverse == ({"kind": "remove-package", "package": "hello"},)


def test_a_machine_that_has_booted_the_old_system_is_not_switched_again() -> None:
    bench = Bench()
    before = bench.machine.state()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    bench.machine.calls.clear()
    steps = calls_of((AddPackage("hello"),), Mode.SWITCH)[0]
    bench.machine.cut_after = steps.index("activation.test") + 1
    cut_short(bench, transaction)
    bench.machine.running = bench.machine.booted = bench.machine.generations[bench.machine.default]
    bench.machine.boot = "second boot"
    bench.machine.calls.clear()
    asyncio.run(bench.start_again())
    assert "activation.begins" not in bench.machine.calls
    assert bench.machine.state() == before


@pytest.mark.parametrize("step", ["activation.profile", "activation.boot"])
def test_what_was_healthy_goes_back_where_the_machine_has_booted_the_old_system(step: str) -> None:
    bench = Bench()
    before = bench.machine.state()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    bench.machine.calls.clear()
    old = bench.machine.generations[bench.machine.default]
    steps = calls_of((AddPackage("hello"),), Mode.SWITCH)[0]
    bench.machine.cut_before = steps.index(step) + 1
    cut_short(bench, transaction)
    bench.machine.running = bench.machine.booted = old
    bench.machine.boot = "second boot"
    (record,) = asyncio.run(bench.start_again())
    assert (record.state, record.error) == ("failed", "Interrupted")
    assert record.message.endswith("Everything was put back as it was.")
    assert bench.machine.state() == before


def test_a_switch_whose_end_nobody_saw_is_put_back_whatever_seems_to_run() -> None:
    bench = Bench()
    before = bench.machine.state()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    bench.machine.calls.clear()
    steps = calls_of((AddPackage("hello"),), Mode.SWITCH)[0]
    bench.machine.cut_before = steps.index("activation.begins") + 1
    cut_short(bench, transaction)
    bench.machine.cut_before = -1
    bench.machine.calls.clear()
    (recovered,) = asyncio.run(bench.start_again())
    assert "activation.test" in bench.machine.calls
    assert recovered.state == "failed"
    assert bench.machine.state() == before


def test_what_somebody_else_has_brought_up_since_is_left_running() -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    bench.machine.calls.clear()
    steps = calls_of((AddPackage("hello"),), Mode.SWITCH)[0]
    bench.machine.cut_after = steps.index("activation.test") + 1
    cut_short(bench, transaction)
    bench.machine.running = "/nix/store/of-somebody-else"
    asyncio.run(bench.start_again())
    assert bench.machine.running == "/nix/store/of-somebody-else"


def test_garbage_that_was_cut_short_never_says_that_it_was_put_back() -> None:
    bench = Bench()
    asyncio.run(bench.apply(AddPackage("hello")))
    asyncio.run(bench.apply(AddPackage("discord")))
    transaction = bench.transaction(asyncio.run(bench.plan(CollectGarbage())))
    bench.machine.calls.clear()
    bench.machine.cut_after = 4
    cut_short(bench, transaction)
    assert bench.machine.calls[-1] == "profile.delete"
    (record,) = asyncio.run(bench.start_again())
    assert record.state == "failed"
    assert "put back" not in record.message
    assert "gone" in record.message


@pytest.mark.parametrize("step", ["activation.begins", "configuration.restore"])
@pytest.mark.parametrize("error", [ActivationFailed("Stuck."), OSError("Read-only file system")])
def test_a_recovery_that_fails_says_what_is_not_as_it_was(step: str, *, error: Exception) -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))))
    steps = calls_of((AddPackage("hello"),), Mode.SWITCH)[0]
    bench.machine.calls.clear()
    bench.machine.cut_after = steps.index("activation.test") + 1
    cut_short(bench, transaction)
    bench.machine.trouble(step, error)
    (record,) = asyncio.run(bench.start_again())
    assert (record.state, record.error) == ("failed", "Interrupted")
    assert "not everything is as it was" in record.message
    assert str(error) in record.message
    assert bench.journal.unfinished() == [], "the daemon starts all the same"


def test_inputs_that_somebody_has_changed_since_the_stop_are_left_and_that_is_said() -> None:
    bench = Bench()
    text = bench.machine.text
    transaction = bench.transaction(asyncio.run(bench.plan(*BOTH)))
    steps = calls_of(BOTH, Mode.SWITCH)[0]
    bench.machine.calls.clear()
    bench.machine.cut_after = steps.index("inputs.adopt") + 1
    cut_short(bench, transaction)
    bench.machine.change_inputs("/channels/three")
    (record,) = asyncio.run(bench.start_again())
    assert record.message == (
        "The daemon stopped in the middle of this. Everything else was put back as it was; "
        "the channels were left alone, because somebody has changed them since."
    )
    assert bench.world.inputs.fingerprint() == "/channels/three"
    assert bench.machine.text == text


def test_inputs_of_a_source_that_the_settings_do_not_name_any_more_are_left() -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(UpdateInputs())))
    steps = calls_of((UpdateInputs(),), Mode.SWITCH)[0]
    bench.machine.calls.clear()
    bench.machine.cut_after = steps.index("inputs.adopt") + 1
    cut_short(bench, transaction)
    assert isinstance(bench.world.inputs, FakeInputs)
    bench.world.inputs.source = "/etc/nixos"
    (record,) = asyncio.run(bench.start_again())
    assert record.message.endswith(
        "Everything else was put back as it was; the channels were left alone, because the "
        "configuration has the inputs of the flake /etc/nixos now."
    )
    assert "inputs.restore" not in bench.machine.calls


def test_a_journal_that_does_not_say_what_was_put_in_force_is_followed_as_it_is() -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(UpdateInputs())))
    asyncio.run(bench.executor.run(transaction))
    record = bench.journal.find(transaction.id)
    assert record
    recovered = asyncio.run(recover(bench.world, record, [("inputs", {"before": 1})]))
    assert recovered.message.endswith("Everything was put back as it was.")
    assert bench.world.inputs.generation() == 1


DAMAGED: list[list[tuple[str, dict[str, Any]]]] = [
    [("write", {})],
    [("write", {"file": "x", "unheard": 1})],
    [("test", {})],
    [("inputs", {})],
    [("track", {})],
    [("default", {})],
    [("default", {"toplevel": "x"}), ("back", {})],
]


@pytest.mark.parametrize("steps", DAMAGED, ids=str)
def test_a_journal_that_does_not_say_enough_keeps_no_daemon_from_starting(
    steps: list[tuple[str, dict[str, Any]]],
) -> None:
    bench = Bench()
    transaction = bench.transaction(asyncio.run(bench.plan(AddPackage("hello"))), mode=Mode.BUILD)
    asyncio.run(bench.executor.run(transaction))
    assert transaction.state is TransactionState.DONE
    record = bench.journal.find(transaction.id)
    assert record
    recovered = asyncio.run(recover(bench.world, record, steps))
    assert (recovered.state, recovered.error) == ("failed", "Interrupted")
