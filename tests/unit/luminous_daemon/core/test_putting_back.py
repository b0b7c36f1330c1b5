"""Putting back: wherever an activation fails, all is as before, or it is said what is not."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core import execution
from luminous_protocol.changes import (
    AddPackage,
    Change,
    CollectGarbage,
    RestoreInputs,
    SwitchGeneration,
    UpdateInputs,
)
from luminous_protocol.errors import ActivationFailed, BuildFailed, Busy
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_inputs import FakeInputs
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

S = TransactionState

BOTH: tuple[Change, ...] = (AddPackage("hello"), UpdateInputs())
STEPS = {
    (BOTH, Mode.SWITCH): [
        "journal.begin",
        "health.measure",
        "store.build",
        "repository.unknown_files",
        "journal.write",
        "configuration.replace",
        "journal.inputs",
        "inputs.adopt",
        "journal.track",
        "repository.track",
        "evaluator.evaluate",
        "journal.test",
        "activation.begins",
        "activation.test",
        "journal.default",
        "activation.profile",
        "activation.boot",
    ],
    (BOTH, Mode.BOOT): ["evaluator.evaluate", "activation.profile", "activation.boot"],
    (BOTH, Mode.TEST): ["activation.test"],
    ((SwitchGeneration(1),), Mode.SWITCH): [
        "activation.test",
        "activation.profile",
        "activation.boot",
    ],
}
CASES = [(changes, mode, step) for (changes, mode), steps in STEPS.items() for step in steps]
TROUBLES: dict[str, Callable[[], Exception]] = {
    "named": lambda: ActivationFailed("It went wrong.", {"log": ["last line"]}),
    "disk full": lambda: OSError(errno.ENOSPC, "No space left on device"),
    "defect": lambda: RuntimeError("a secret"),
}


@pytest.fixture
def bench() -> Bench:
    """Give a machine."""
    return Bench()


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("changes", "mode", "step"), CASES, ids=str)
def test_a_failure_at_any_step_leaves_everything_as_before(
    bench: Bench, changes: tuple[Change, ...], mode: Mode, step: str, *, trouble: str
) -> None:
    before = bench.machine.state()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(*changes), mode=mode)
        bench.machine.trouble(step, TROUBLES[trouble]())
        await bench.executor.run(transaction)
        assert transaction.state is S.FAILED
        assert transaction.result.message
        assert "secret" not in transaction.result.message
        assert bench.machine.state() == before, transaction.result.message
        assert (transaction.result.running, transaction.result.default) == (2, 2)
        began = bench.journal.find(transaction.id)
        assert began is None or (began.state, began.inverse) == ("failed", ())
        is_late = step not in {"journal.begin", "health.measure", "store.build"}
        assert transaction.result.put_back is is_late
        assert ("Everything was put back as it was." in transaction.result.message) is is_late

    asyncio.run(steps())
    assert bench.journal.unfinished() == []
    assert not bench.executor.is_busy


@pytest.mark.parametrize("trouble", TROUBLES)
def test_health_that_cannot_be_seen_after_the_switch_puts_it_back(
    bench: Bench, trouble: str
) -> None:
    before = bench.machine.state()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        bench.machine.trouble("health.measure", None, TROUBLES[trouble]())
        await bench.executor.run(transaction)
        assert transaction.state is S.FAILED
        assert transaction.result.put_back

    asyncio.run(steps())
    assert bench.machine.state() == before


def test_units_that_fail_during_a_long_build_are_not_blamed_on_the_switch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_FRESH_SECONDS", -1)

    async def steps() -> None:
        prepared = await bench.plan(AddPackage("hello"))
        gate = bench.machine.gates["store.build"] = asyncio.Event()
        transaction = bench.transaction(prepared)
        running = asyncio.create_task(bench.executor.run(transaction))
        await until(lambda: {"store.build", "health.measure"} <= set(bench.machine.calls))
        both = (prepared.base, prepared.derivation.removesuffix(".drv"))
        bench.machine.failed_units = {path: {"unlucky.service"} for path in both}
        gate.set()
        await running
        assert transaction.state is S.DONE, transaction.result.message

    asyncio.run(steps())


def test_units_that_fail_after_the_switch_put_it_back(bench: Bench) -> None:
    before = bench.machine.state()

    async def steps() -> None:
        prepared = await bench.plan(AddPackage("hello"))
        bench.machine.failed_units = {
            prepared.base: {"old.service"},
            prepared.derivation.removesuffix(".drv"): {"old.service", "b.service", "a.service"},
        }
        transaction = bench.transaction(prepared)
        await bench.executor.run(transaction)
        assert transaction.result.error == "ActivationFailed"
        assert transaction.result.message == (
            "After the switch these units failed: a.service, b.service. "
            "Everything was put back as it was."
        )
        assert transaction.details["units"] == ["a.service", "b.service"]

    asyncio.run(steps())
    assert bench.machine.state() == before


def test_units_that_had_failed_before_are_no_reason(bench: Bench) -> None:
    async def steps() -> None:
        prepared = await bench.plan(AddPackage("hello"))
        both = (prepared.base, prepared.derivation.removesuffix(".drv"))
        bench.machine.failed_units = {path: {"old.service"} for path in both}
        transaction = bench.transaction(prepared)
        await bench.executor.run(transaction)
        assert transaction.state is S.DONE

    asyncio.run(steps())


def test_the_log_of_what_failed_reaches_the_person(bench: Bench) -> None:
    bench.machine.trouble("activation.boot", ActivationFailed("No.", {"log": ["a", "b"]}))
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    assert transaction.result.log == ("a", "b")


@pytest.mark.parametrize(
    ("step", "what", "still"),
    [
        ("configuration.restore", "the configuration", "text"),
        ("inputs.restore", "the channels", "inputs"),
        ("repository.untrack", "what the repository knows", "tracked"),
        ("activation.begins", "the running system", "running"),
        ("activation.profile", "the default generation", "default"),
    ],
)
@pytest.mark.parametrize("error", [ActivationFailed("Stuck."), OSError(errno.EROFS, "Read-only")])
def test_what_cannot_be_put_back_is_named_and_the_rest_is_put_back(
    bench: Bench, step: str, what: str, still: str, *, error: Exception
) -> None:
    before = bench.machine.state()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(*BOTH))
        bench.machine.trouble("activation.boot", ActivationFailed("No boot loader."))
        is_second = step.startswith("activation")
        bench.machine.trouble(step, *([None] if is_second else []), error)
        await bench.executor.run(transaction)
        assert transaction.state is S.FAILED
        assert transaction.result.error == "ActivationFailed"
        assert not transaction.result.put_back
        message = transaction.result.message
        assert message.startswith("No boot loader. Worse: ")
        assert f"{what} could not be put back" in message
        assert message.count("could not be put back") == 1
        assert "put back as it was" not in message

    asyncio.run(steps())
    names = ("text", "import", "tracked", "inputs", "generations", "default", "running")
    after = dict(zip(names, bench.machine.state(), strict=True))
    changed = {name for name, old in zip(names, before, strict=True) if after[name] != old}
    assert changed == ({still, "generations"} if still == "default" else {still})


def test_everything_that_cannot_be_put_back_is_named(bench: Bench) -> None:
    async def steps() -> str:
        transaction = bench.transaction(await bench.plan(*BOTH))
        stuck = ActivationFailed("Stuck.")
        for step in ("inputs.restore", "configuration.restore"):
            bench.machine.trouble(step, stuck)
        bench.machine.trouble("activation.begins", None, stuck)
        bench.machine.trouble("activation.profile", stuck)
        await bench.executor.run(transaction)
        return transaction.result.message

    assert asyncio.run(steps()) == (
        "Stuck. Worse: the running system could not be put back: Stuck.; "
        "the channels could not be put back: Stuck.; "
        "the configuration could not be put back: Stuck.."
    )


def test_inputs_that_somebody_has_changed_meanwhile_are_left_and_that_is_said(
    bench: Bench,
) -> None:
    text = bench.machine.text

    async def steps() -> str:
        transaction = bench.transaction(await bench.plan(*BOTH), confirm_within=9)
        running = asyncio.create_task(bench.executor.run(transaction))
        await until(lambda: transaction.state is S.CONFIRMING)
        bench.machine.change_inputs("/channels/three")
        bench.executor.questions.decline(transaction)
        await running
        assert transaction.state is S.CANCELLED
        return transaction.result.message

    assert asyncio.run(steps()) == (
        "Cancelled. Everything else was put back as it was; "
        "the channels were left alone, because somebody has changed them since."
    )
    assert bench.world.inputs.fingerprint() == "/channels/three"
    assert bench.machine.text == text


@pytest.mark.parametrize("change", [UpdateInputs(), RestoreInputs(1)])
def test_inputs_that_somebody_changes_before_the_writing_are_left_alone(
    bench: Bench, change: Change
) -> None:
    async def steps() -> None:
        if change != UpdateInputs():
            await bench.apply(UpdateInputs())
        transaction = bench.transaction(await bench.plan(change))
        bench.machine.change_inputs("/channels/three")
        await bench.executor.run(transaction)
        assert transaction.result.error == "Drifted"
        assert transaction.result.message == (
            "The channels have changed since the plan was made. Plan again. "
            "Everything was put back as it was."
        )

    asyncio.run(steps())
    assert bench.world.inputs.fingerprint() == "/channels/three"


def test_inputs_of_another_source_than_the_plans_are_left_alone(bench: Bench) -> None:
    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(UpdateInputs()))
        assert isinstance(bench.world.inputs, FakeInputs)
        bench.world.inputs.source = "/etc/nixos"
        await bench.executor.run(transaction)
        assert transaction.result.error == "Drifted"

    asyncio.run(steps())
    assert "inputs.adopt" not in bench.machine.calls


def test_another_program_that_switches_is_not_interfered_with(bench: Bench) -> None:
    before = bench.machine.state()
    bench.machine.trouble("activation.begins", Busy("Another program is switching."))
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    assert transaction.result.error == "Busy"
    assert bench.machine.calls.count("activation.begins") == 1
    assert bench.machine.state() == before


def test_a_generation_that_was_there_before_is_not_deleted_on_the_way_back(bench: Bench) -> None:
    async def steps() -> None:
        installed = await bench.apply(AddPackage("hello"))
        await bench.apply(*installed.prepared.inverse)
        await bench.apply(SwitchGeneration(2))
        bench.machine.generations.pop(4, None)
        before = bench.machine.state()
        bench.machine.trouble("activation.boot", ActivationFailed("No boot loader."))
        again = await bench.apply(AddPackage("hello"))
        assert again.result.put_back
        assert bench.machine.state() == before
        assert sorted(bench.machine.generations) == [1, 2, 3]

    asyncio.run(steps())


def test_a_build_that_fails_changes_nothing_and_says_which(bench: Bench) -> None:
    before = bench.machine.state()
    failed = BuildFailed(
        "x does not build.", {"derivation": "/nix/store/x.drv", "log": ["gcc: no"]}
    )
    bench.machine.trouble("store.build", failed)
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    assert (transaction.state, transaction.result.error) == (S.FAILED, "BuildFailed")
    assert transaction.details["derivation"] == "/nix/store/x.drv"
    assert transaction.result.log == ("gcc: no",)
    assert not [call for call in bench.machine.calls if call.startswith("configuration")]
    assert bench.machine.state() == before


@pytest.mark.parametrize("step", ["profile.delete", "store.collect_garbage"])
def test_garbage_that_cannot_be_deleted_never_says_that_nothing_was_changed(
    bench: Bench, step: str
) -> None:
    asyncio.run(bench.apply(AddPackage("hello")))
    asyncio.run(bench.apply(AddPackage("discord")))
    bench.machine.trouble(step, OSError(errno.EROFS, "Read-only file system"))
    transaction = asyncio.run(bench.apply(CollectGarbage()))
    assert transaction.state is S.FAILED
    assert "Nothing was changed" not in transaction.result.message
    assert "put back" not in transaction.result.message


@pytest.mark.parametrize("step", ["store.closure_size", "journal.finish"])
def test_a_success_stays_one_when_only_looking_at_it_or_noting_it_fails(
    bench: Bench, step: str
) -> None:
    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        bench.machine.trouble(step, OSError(errno.ENOSPC, "No space left on device"))
        await bench.executor.run(transaction)
        assert transaction.state is S.DONE, transaction.result.message

    asyncio.run(steps())
    assert bench.machine.running == bench.machine.current_toplevel()
