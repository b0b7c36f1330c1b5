"""The import of Luminous's file: proposed once, proved before and after, and no new system."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.module_file import EMPTY
from luminous_protocol.changes import AddPackage, ImportFile
from luminous_protocol.errors import (
    EvaluationFailed,
    LuminousError,
    NothingToDo,
    NotImported,
    StorageFailed,
)
from luminous_protocol.names import Action
from luminous_protocol.plan import Risk
from luminous_protocol.transaction import TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, cut_short
from tests.unit.luminous_daemon.fake_configuration import CONFIGURATION, FILE, IMPORT

if TYPE_CHECKING:
    from luminous_daemon.core.edits import Candidate

STEPS = [
    "authority.require",
    "journal.begin",
    "repository.unknown_files",
    "journal.create",
    "configuration.replace",
    "journal.write",
    "configuration.replace",
    "journal.track",
    "repository.track",
    "evaluator.evaluate",
    "journal.finish",
]


def new_bench(text: str = "") -> Bench:
    """Return a machine that does not import Luminous's file, which may be there."""
    bench = Bench()
    bench.machine.is_imported = False
    bench.machine.text = text
    return bench


def refused(bench: Bench, error: type[LuminousError]) -> LuminousError:
    """Return the error with which the plan is refused."""
    with pytest.raises(error) as caught:
        asyncio.run(bench.plan(ImportFile()))
    return caught.value


def test_the_plan_is_one_patch_of_a_low_risk() -> None:
    prepared = asyncio.run(new_bench().plan(ImportFile(), words="setup"))
    plan = prepared.plan
    assert plan.summary == f"import {FILE}"
    assert (plan.risk, plan.action) == (Risk.LOW, Action.CHANGE_OPTIONS)
    assert plan.configuration_diff == f"+all of it\n+{IMPORT}\n"
    assert (plan.packages, plan.reboot_required, plan.warnings) == ((), False, ())
    assert (prepared.words, prepared.inverse) == ("setup", ())


def test_a_file_that_is_there_is_only_imported() -> None:
    prepared = asyncio.run(new_bench(EMPTY).plan(ImportFile()))
    assert prepared.creation is None
    assert prepared.plan.configuration_diff == f"+{IMPORT}\n"
    assert prepared.plan.id != asyncio.run(new_bench().plan(ImportFile())).plan.id


def test_planning_it_writes_nothing() -> None:
    bench = new_bench()
    before = bench.machine.state()
    asyncio.run(bench.plan(ImportFile()))
    assert bench.machine.state() == before
    assert bench.machine.calls == [
        "evaluator.evaluate",
        "configuration.plan_import",
        "evaluator.evaluate",
    ]


def test_where_it_is_imported_there_is_nothing_to_do() -> None:
    message = refused(Bench(), NothingToDo).message
    assert message == f"Luminous is set up already: your configuration imports {FILE}."


def test_an_import_that_would_make_another_system_is_left_to_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = new_bench()
    evaluate = bench.world.evaluator.evaluate

    async def copies_itself(candidate: Candidate) -> object:
        found = await evaluate(candidate)
        return replace(found, derivation="/nix/store/other.drv") if candidate.edit else found

    monkeypatch.setattr(bench.world.evaluator, "evaluate", copies_itself)
    error = refused(bench, NotImported)
    assert f"{CONFIGURATION} is not edited automatically, because the system" in error.message
    assert error.details["line"] == "./luminous.nix"
    assert error.details["patch"] == f"+all of it\n+{IMPORT}\n"


def test_an_import_that_nix_does_not_see_is_left_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = new_bench()
    monkeypatch.setattr(bench.machine, "imports", lambda _: False)
    assert "Nix does not see the import there" in refused(bench, NotImported).message


def test_an_import_that_nix_fails_at_is_left_to_people_and_their_configuration_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = new_bench()
    evaluate = bench.world.evaluator.evaluate

    async def fails(candidate: Candidate) -> object:
        if candidate.edit:
            raise EvaluationFailed("Your configuration does not evaluate: line 3.")
        return await evaluate(candidate)

    monkeypatch.setattr(bench.world.evaluator, "evaluate", fails)
    error = refused(bench, NotImported)
    assert "because Nix fails to evaluate it with the import" in error.message
    assert "Your configuration" not in error.message
    assert error.details["line"] == "./luminous.nix"


def test_what_fails_for_want_of_the_file_says_how_to_make_it() -> None:
    bench = new_bench()
    bench.machine.trouble("evaluator.evaluate", EvaluationFailed(f"No path '{FILE}'."))
    error = refused(bench, EvaluationFailed)
    assert error.message.endswith(f"luminousd --print-module > {FILE}")
    for text in (EMPTY, "not in Luminous's form"):
        bench.machine.text = text
        bench.machine.trouble("evaluator.evaluate", EvaluationFailed(f"May not read '{FILE}'."))
        assert refused(bench, EvaluationFailed).message == f"May not read '{FILE}'."
    bench.machine.trouble("evaluator.evaluate", EvaluationFailed("A semicolon is missing."))
    assert refused(bench, EvaluationFailed).message == "A semicolon is missing."


def test_applying_it_writes_both_files_and_activates_nothing() -> None:
    bench = new_bench()
    others = bench.machine.other_files
    transaction = asyncio.run(bench.apply(ImportFile()))
    assert transaction.state is TransactionState.DONE
    assert bench.machine.calls == STEPS
    assert (bench.machine.text, bench.machine.other_files) == (EMPTY, others + IMPORT)
    assert (transaction.result.running, transaction.result.default) == (2, 2)
    record = bench.journal.find(transaction.id)
    assert record
    assert (record.made, record.inverse, record.state) == (0, (), "done")
    assert asyncio.run(bench.apply(AddPackage("hello"))).state is TransactionState.DONE


@pytest.mark.parametrize("what", ["text", "other_files", "running"])
def test_what_has_changed_since_the_plan_keeps_it_from_being_written(what: str) -> None:
    bench = new_bench()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(ImportFile()))
        setattr(bench.machine, what, "another")
        before = bench.machine.state()
        await bench.executor.run(transaction)
        assert transaction.result.error == "Drifted"
        assert bench.machine.state() == before

    asyncio.run(steps())


@pytest.mark.parametrize("step", STEPS[1:-1])
def test_a_failure_at_any_step_leaves_both_files_as_before(step: str) -> None:
    bench = new_bench()
    before = bench.machine.state()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(ImportFile()))
        is_second = [None] if step == "configuration.replace" else []
        bench.machine.trouble(step, *is_second, StorageFailed("The disk is full."))
        await bench.executor.run(transaction)
        assert transaction.state is TransactionState.FAILED
        assert transaction.result.put_back is (step != "journal.begin")

    asyncio.run(steps())
    assert bench.machine.state() == before


def test_a_configuration_that_proves_to_be_another_is_put_back() -> None:
    bench = new_bench()
    before = bench.machine.state()

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(ImportFile()))
        found = replace(transaction.prepared, derivation="/nix/store/other.drv")
        transaction.prepared = found
        await bench.executor.run(transaction)
        assert (transaction.result.error, transaction.result.put_back) == ("Drifted", True)

    asyncio.run(steps())
    assert bench.machine.state() == before


@pytest.mark.parametrize("when", ["cut_before", "cut_after"])
@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_after_a_power_cut_at_any_step_both_files_are_as_before_or_as_after(
    when: str, number: int
) -> None:
    bench = new_bench()
    before = bench.machine.state()
    transaction = bench.transaction(asyncio.run(bench.plan(ImportFile())))
    bench.machine.calls.clear()
    setattr(bench.machine, when, number)
    cut_short(bench, transaction)
    for record in asyncio.run(bench.start_again()):
        assert (record.state, record.error) == ("failed", "Interrupted")
        assert record.message.endswith("Everything was put back as it was.")
    is_done = when == "cut_after" and STEPS[number - 1] == "journal.finish"
    uncut = {"authority.require", "repository.unknown_files", "evaluator.evaluate"}
    is_uncut = when == "cut_after" and STEPS[number - 1] in uncut
    assert (bench.machine.state() != before) is (is_done or is_uncut)
    assert (bench.machine.text, IMPORT in bench.machine.other_files) in {("", False), (EMPTY, True)}
