"""Options in plans: what is compared with what, and what is said where that is not known."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_protocol.changes import (
    AddPackage,
    Enable,
    Rebuild,
    SetOption,
    SwitchGeneration,
    UnsetOption,
)
from luminous_protocol.plan import OptionChange
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_world import ALICE

PORTS = "networking.firewall.allowedTCPPorts"


@pytest.fixture
def bench() -> Bench:
    """Give a machine to plan on."""
    return Bench()


def _changed(bench: Bench, *changes: object) -> tuple[OptionChange, ...]:
    plan = asyncio.run(bench.plan(*changes)).plan  # type: ignore[arg-type] # changes
    assert plan.options_problem == ""
    return plan.options


def test_an_option_that_only_the_plan_sets_comes_from_its_default(bench: Bench) -> None:
    assert _changed(bench, Enable("openssh")) == (
        OptionChange("services.openssh.enable", "false", "true"),
    )


def test_an_option_that_the_plan_takes_back_goes_to_its_default(bench: Bench) -> None:
    asyncio.run(bench.apply(Enable("openssh")))
    assert _changed(bench, UnsetOption("services.openssh.enable")) == (
        OptionChange("services.openssh.enable", "true", "false"),
    )


def test_who_may_not_read_a_file_is_not_shown_what_may_come_from_it(bench: Bench) -> None:
    bench.machine.private = frozenset({"/etc/nixos/web.nix"})
    plan = asyncio.run(bench.plan(Enable("openssh"))).plan
    assert plan.options == ()
    assert "a file of the configuration that you may not read" in plan.options_problem
    root = replace(ALICE, uid=0)
    assert asyncio.run(bench.plan(Enable("openssh"), caller=root)).plan.options


def test_packages_are_not_told_twice(bench: Bench) -> None:
    assert _changed(bench, AddPackage("hello")) == ()


def test_an_item_that_is_added_shows_the_whole_list(bench: Bench) -> None:
    asyncio.run(bench.apply(SetOption(PORTS, 80, append=True)))
    assert _changed(bench, SetOption(PORTS, 443, append=True)) == (
        OptionChange(PORTS, "[ 80 ]", "[ 80 443 ]"),
    )


def test_the_values_of_what_is_made_are_kept_and_those_of_what_is_only_tried_are_not(
    bench: Bench,
) -> None:
    done = asyncio.run(bench.apply(Enable("openssh"), mode=Mode.TEST))
    assert done.state is TransactionState.DONE
    assert bench.machine.values == {}
    asyncio.run(bench.apply(Enable("bluetooth"), mode=Mode.BOOT))
    kept = bench.machine.values[bench.machine.generations[bench.machine.default]]
    assert kept["hardware.bluetooth.enable"] == "true"


def test_what_fails_keeps_nothing(bench: Bench) -> None:
    bench.machine.trouble("activation.profile", OSError("no"))
    done = asyncio.run(bench.apply(Enable("openssh")))
    assert done.state is TransactionState.FAILED
    assert bench.machine.values == {}


def test_the_values_of_a_generation_that_is_gone_are_forgotten(bench: Bench) -> None:
    asyncio.run(bench.apply(Enable("openssh")))
    gone = bench.machine.generations[bench.machine.default]
    asyncio.run(bench.apply(Enable("bluetooth")))
    assert gone in bench.machine.values
    number = next(n for n, path in bench.machine.generations.items() if path == gone)
    del bench.machine.generations[number]
    asyncio.run(bench.apply(AddPackage("hello")))
    assert gone not in bench.machine.values


def test_a_rebuild_is_compared_with_what_is_kept_of_the_running_system(bench: Bench) -> None:
    asyncio.run(bench.apply(Enable("openssh")))
    bench.machine.text = bench.machine.text.replace("openssh", "nginx")
    changes = {change.name: change for change in _changed(bench, Rebuild("switch"))}
    assert changes["services.openssh.enable"].after == ""


def test_a_rebuild_over_a_system_of_somebody_else_says_that_it_is_not_known(bench: Bench) -> None:
    bench.machine.other_files = "{ changed = true; }"
    plan = asyncio.run(bench.plan(Rebuild("switch"))).plan
    assert plan.options == ()
    assert "Luminous did not make the system that runs" in plan.options_problem


def test_values_that_cannot_be_read_are_said_to_be_unknown(bench: Bench) -> None:
    bench.machine.are_values_readable = False
    plan = asyncio.run(bench.plan(Enable("openssh"))).plan
    assert plan.options == ()
    assert "cannot be read" in plan.options_problem
    done = asyncio.run(bench.apply(Enable("openssh")))
    assert done.state is TransactionState.DONE
    assert bench.machine.values == {}


def test_a_rollback_compares_what_is_kept_of_both(bench: Bench) -> None:
    asyncio.run(bench.apply(Enable("openssh")))
    first = bench.machine.default
    asyncio.run(bench.apply(UnsetOption("services.openssh.enable")))
    asyncio.run(bench.apply(Enable("bluetooth")))
    assert _changed(bench, SwitchGeneration(first)) == (
        OptionChange("hardware.bluetooth.enable", "true", ""),
        OptionChange("services.openssh.enable", "", "true"),
    )
    plan = asyncio.run(bench.plan(SwitchGeneration(1))).plan
    assert "Which options differ is not known" in plan.options_problem
