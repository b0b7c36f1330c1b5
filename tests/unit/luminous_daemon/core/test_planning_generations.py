"""Planning with what exists already: rolling back, earlier inputs, and collecting garbage."""

from __future__ import annotations

import asyncio

import pytest

from luminous_protocol.changes import (
    AddPackage,
    CollectGarbage,
    RestoreInputs,
    SwitchGeneration,
    UpdateInputs,
)
from luminous_protocol.errors import NothingToDo, UnknownGeneration
from luminous_protocol.names import Action
from luminous_protocol.plan import PackageChange, Risk
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_inputs import FakeInputs


@pytest.fixture
def bench() -> Bench:
    """Give a machine of three generations: 1 is old, 2 has booted, 3 runs and has hello."""
    bench = Bench()
    asyncio.run(bench.apply(AddPackage("hello")))
    return bench


@pytest.mark.parametrize("number", [0, 2])
def test_going_back_is_by_number_and_needs_no_evaluation(bench: Bench, number: int) -> None:
    bench.machine.calls.clear()
    prepared = asyncio.run(bench.plan(SwitchGeneration(number)))
    plan = prepared.plan
    assert plan.summary == "switch to generation 2"
    assert plan.generations == (2,)
    assert plan.changes == (SwitchGeneration(2),)
    assert (plan.action, plan.risk) == (Action.ROLLBACK, Risk.MEDIUM)
    assert plan.packages == (PackageChange("hello", "2.12", ""),)
    assert (plan.closure.before, plan.closure.after) != (-1, -1)
    assert "configuration files stay as they are" in plan.warnings[0]
    assert prepared.toplevel == bench.machine.generations[2]
    assert prepared.inverse == (SwitchGeneration(3),)
    assert not [call for call in bench.machine.calls if call.startswith("evaluator")]


def test_another_kernel_than_the_one_that_runs_is_warned_of(bench: Bench) -> None:
    machine = bench.machine
    machine.kernels = {
        machine.generations[1]: "6.6.1",
        machine.generations[2]: "6.12.48",
        machine.generations[3]: "6.12.50",
    }
    (warning, _) = asyncio.run(bench.plan(SwitchGeneration(1))).plan.warnings
    assert warning.startswith("Generation 1 has kernel 6.6.1, and the machine runs kernel 6.12.48")
    assert len(asyncio.run(bench.plan(SwitchGeneration(2))).plan.warnings) == 1


def test_the_generation_that_runs_and_boots_is_nothing_to_do(bench: Bench) -> None:
    with pytest.raises(NothingToDo, match="Generation 3 is running already"):
        asyncio.run(bench.plan(SwitchGeneration(3)))


def test_the_generation_that_runs_can_be_made_to_boot(bench: Bench) -> None:
    bench.machine.default = 2
    assert asyncio.run(bench.plan(SwitchGeneration(3))).plan.generations == (3,)


def test_a_generation_that_is_not_there_names_the_newest(bench: Bench) -> None:
    with pytest.raises(
        UnknownGeneration, match=r"no generation 9\. The newest are: 3, 2, 1\."
    ) as no:
        asyncio.run(bench.plan(SwitchGeneration(9)))
    assert no.value.details == {"nearest": ["3", "2", "1"]}


def test_there_is_nothing_before_the_first(bench: Bench) -> None:
    bench.machine.running = bench.machine.generations[1]
    with pytest.raises(UnknownGeneration, match="no generation before"):
        asyncio.run(bench.plan(SwitchGeneration(0)))


def test_going_back_to_another_kernel_says_that_it_needs_a_reboot(bench: Bench) -> None:
    asyncio.run(bench.apply(UpdateInputs()))
    bench.machine.booted = bench.machine.running
    plan = asyncio.run(bench.plan(SwitchGeneration(0))).plan
    assert (plan.reboot_required, plan.reboot_reason) == (True, "the kernel changes")


def test_garbage_names_the_generations_and_what_they_free(bench: Bench) -> None:
    asyncio.run(bench.apply(AddPackage("discord")))
    prepared = asyncio.run(bench.plan(CollectGarbage()))
    plan = prepared.plan
    assert plan.generations == (1,), "2 has booted, 3 is the one before the default"
    assert plan.summary == "delete 1 old generation and everything that nothing needs"
    assert (plan.action, plan.risk) == (Action.COLLECT_GARBAGE, Risk.HIGH)
    assert plan.closure.before == 500
    assert "cannot be undone" in plan.warnings[0]
    assert prepared.inverse == ()


def test_garbage_without_old_generations_is_no_risk(bench: Bench) -> None:
    plan = asyncio.run(bench.plan(CollectGarbage(keep=50))).plan
    assert plan.generations == ()
    assert plan.risk is Risk.LOW
    assert plan.summary == "delete what nothing needs, and no generation"


def test_inputs_of_before_are_a_plan_too_as_long_as_they_are_there(bench: Bench) -> None:
    asyncio.run(bench.apply(UpdateInputs()))
    prepared = asyncio.run(bench.plan(RestoreInputs(1)))
    assert prepared.plan.summary == "go back to the channels from before"
    assert prepared.inverse == (RestoreInputs(2),)
    with pytest.raises(UnknownGeneration, match="no generation 9 any more"):
        asyncio.run(bench.plan(RestoreInputs(9)))


def test_inputs_of_another_source_than_the_configurations_are_no_way_back(bench: Bench) -> None:
    asyncio.run(bench.apply(UpdateInputs()))
    with pytest.raises(UnknownGeneration) as refused:
        asyncio.run(bench.plan(RestoreInputs(1, "/etc/nixos")))
    assert refused.value.message == (
        "This goes back to another state of the inputs of the flake /etc/nixos, but the "
        "configuration has the channels now. To go back to an earlier system: ask-nix rollback"
    )
    assert isinstance(bench.world.inputs, FakeInputs)
    bench.world.inputs.source = "/etc/nixos"
    assert asyncio.run(bench.plan(RestoreInputs(1, "/etc/nixos"))).inverse == (
        RestoreInputs(2, "/etc/nixos"),
    )
    with pytest.raises(UnknownGeneration, match="another state of the channels, but"):
        asyncio.run(bench.plan(RestoreInputs(1)))
