"""Packages that only a module brings in and nixpkgs refuses: exceptions, or a plain refusal."""

from __future__ import annotations

import asyncio

import pytest

from luminous_daemon.configuration.module_file import read_module
from luminous_protocol.changes import AddPackage, Enable, SetOption, UnsetOption, UpdateInputs
from luminous_protocol.errors import EvaluationFailed, PackageRefused
from luminous_protocol.plan import Risk
from tests.unit.luminous_daemon.carrying_out import Bench

PRINTER = "hardware.printer.enable"
REFUSED = {"package": "inks-2.0", "name": "inks", "kind": "unfree", "reason": "unfree"}


@pytest.fixture
def bench() -> Bench:
    """Give a machine to plan on."""
    return Bench()


@pytest.mark.parametrize("change", [Enable("printer"), SetOption(PRINTER, value=True)])
def test_what_a_module_needs_is_allowed_package_by_package_and_said(
    bench: Bench, change: Enable | SetOption
) -> None:
    prepared = asyncio.run(bench.plan(change, words="the printer"))
    assert prepared.edit
    written = {line.option: line.value for line in read_module(prepared.edit.after, "x")}
    assert written == {
        PRINTER: True,
        "nixpkgs.config.allowUnfreePredicate": {"unfree": ["inks", "print-tables"]},
        "nixpkgs.config.permittedInsecurePackages": ["oldssl-1.1"],
    }
    assert [warning.partition(" ")[0] for warning in prepared.plan.warnings] == [
        "inks",
        "print-tables",
        "oldssl-1.1",
    ]
    assert prepared.plan.risk is Risk.HIGH
    assert ";" not in prepared.plan.summary


def test_exceptions_for_a_module_join_those_that_stand_and_those_of_other_changes(
    bench: Bench,
) -> None:
    prepared = asyncio.run(bench.plan(AddPackage("steam"), Enable("printer")))
    assert prepared.edit
    written = {line.option: line.value for line in read_module(prepared.edit.after, "x")}
    assert written["nixpkgs.config.allowUnfreePredicate"] == {
        "unfree": ["steam-unwrapped", "inks", "print-tables"]
    }


def test_what_no_exception_helps_is_refused_plainly(bench: Bench) -> None:
    with pytest.raises(PackageRefused, match="rubble is marked as broken in nixpkgs: it does not"):
        asyncio.run(bench.plan(Enable("ruin")))


def test_a_configuration_that_needs_a_refused_package_already_says_so_itself(bench: Bench) -> None:
    error = EvaluationFailed("It needs inks as it is.", {"refused": {**REFUSED, "kind": "broken"}})
    bench.machine.trouble("evaluator.evaluate", error, error, error)
    with pytest.raises(EvaluationFailed, match="as it is"):
        asyncio.run(bench.plan(AddPackage("hello")))


def test_an_update_allows_nothing_by_itself(bench: Bench) -> None:
    error = EvaluationFailed("It needs inks now.", {"refused": REFUSED})
    bench.machine.trouble("evaluator.evaluate", None, error)
    with pytest.raises(EvaluationFailed, match="inks now"):
        asyncio.run(bench.plan(UpdateInputs()))


def test_a_refusal_that_no_exception_ends_ends_the_planning(bench: Bench) -> None:
    error = EvaluationFailed("It needs inks still.", {"refused": REFUSED})
    bench.machine.trouble("evaluator.evaluate", None, *[error] * 9)
    with pytest.raises(EvaluationFailed, match="still"):
        asyncio.run(bench.plan(Enable("openssh")))


def test_an_exception_that_is_needed_still_is_not_taken_back_and_that_is_said(
    bench: Bench,
) -> None:
    asyncio.run(bench.apply(Enable("printer")))
    error = EvaluationFailed("It needs inks.", {"refused": REFUSED})
    bench.machine.trouble("evaluator.evaluate", None, error, error)
    with pytest.raises(
        PackageRefused, match=r"needs inks-2\.0 still.* Take inks out first\. Nothing"
    ):
        asyncio.run(bench.plan(UnsetOption("nixpkgs.config.allowUnfreePredicate", "inks")))
