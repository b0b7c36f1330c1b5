"""Planning ahead of the facts: what is likely is begun with, and what is so is what is planned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Attribution, Definition
from luminous_daemon.core.resolving import expected_facts, query_for
from luminous_protocol.changes import (
    AddPackage,
    Disable,
    Enable,
    RemovePackage,
    SetOption,
    UpdateInputs,
)
from luminous_protocol.errors import EvaluationFailed, UnknownPackage
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from luminous_protocol.changes import Change

LOOK_UP, EVALUATE = "evaluator.look_up", "evaluator.evaluate"


@pytest.fixture
def bench() -> Bench:
    """Give a machine on which bluetooth is on, and whose configuration is evaluated already."""
    bench = Bench()
    asyncio.run(bench.apply(Enable("bluetooth"), AddPackage("jq")))
    bench.machine.calls.clear()
    return bench


async def calls_before_the_facts(bench: Bench, change: Change) -> list[str]:
    """Plan `change`; return what was begun before the facts were known."""
    gate = bench.machine.gates[LOOK_UP] = asyncio.Event()
    planning = asyncio.create_task(bench.plan(change))
    await until(lambda: LOOK_UP in bench.machine.calls)
    for _ in range(10):
        await asyncio.sleep(0)
    begun = list(bench.machine.calls)
    gate.set()
    await planning
    return begun


@pytest.mark.parametrize("change", [AddPackage("hello"), RemovePackage("jq"), Disable("bluetooth")])
def test_what_the_facts_will_likely_lead_to_is_evaluated_beside_the_looking_up(
    bench: Bench, change: Change
) -> None:
    begun = asyncio.run(calls_before_the_facts(bench, change))
    assert [call for call in begun if call in {LOOK_UP, EVALUATE}] == [LOOK_UP, EVALUATE]
    assert bench.machine.calls.count(EVALUATE) == 1


def test_inputs_alone_need_no_facts(bench: Bench) -> None:
    asyncio.run(bench.plan(UpdateInputs()))
    assert (bench.machine.calls.count(LOOK_UP), bench.machine.calls.count(EVALUATE)) == (0, 1)


@pytest.mark.parametrize("change", [Enable("openssh"), SetOption("networking.hostName", "x")])
def test_nothing_is_guessed_where_no_answer_is_likely(bench: Bench, change: Change) -> None:
    begun = asyncio.run(calls_before_the_facts(bench, change))
    assert EVALUATE not in begun


def test_a_plan_is_of_what_is_so_and_not_of_what_was_likely(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(AddPackage("firefox")))
    assert prepared.edit
    assert "programs.firefox.enable = true" in prepared.edit.after
    assert bench.machine.calls.count(EVALUATE) == 2
    assert prepared.toplevel == ""
    text = prepared.edit.after
    assert prepared.derivation == f"{bench.machine.toplevel(text, '/channels/one')}.drv"


def test_an_expectation_that_fails_is_no_error_where_another_plan_is_made(bench: Bench) -> None:
    bench.machine.trouble(EVALUATE, EvaluationFailed("Only the guess is wrong."), None)
    prepared = asyncio.run(bench.plan(AddPackage("firefox")))
    assert prepared.plan.summary == "install firefox 143.0"


def test_an_unknown_name_ends_what_was_begun(bench: Bench) -> None:
    bench.machine.gates[EVALUATE] = asyncio.Event()
    with pytest.raises(UnknownPackage):
        asyncio.run(bench.plan(AddPackage("helo")))


def test_what_luminous_defines_is_expected_to_exist() -> None:
    line = Definition("services.x.enable", value=True, attribution=Attribution("alice", 0, ""))
    facts = expected_facts(query_for([Disable("services.x.enable")], [line]), [line])
    assert facts.options["services.x.enable"].value is True
    assert not facts.options[SYSTEM_PACKAGES].exists
