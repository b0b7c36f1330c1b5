"""Switch inhibitors: what NixOS does not exchange while the machine runs."""

from __future__ import annotations

import asyncio

import pytest

from luminous_daemon.core.comparing import changed_inhibitors, reboot_reason
from luminous_protocol.changes import AddPackage, SwitchGeneration, UpdateInputs
from luminous_protocol.plan import Inhibitor
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench

BUS = Inhibitor("dbus-implementation", "dbus", "broker")
UPDATE = UpdateInputs(())


@pytest.fixture
def bench() -> Bench:
    """Give a machine whose next update has another bus."""
    bench = Bench()
    bench.machine.newest_inputs = "/channels/broker"
    return bench


def test_only_what_both_systems_have_inhibits_a_switch() -> None:
    running = {"dbus-implementation": "dbus", "gone": "a", "same": "b"}
    after = {"dbus-implementation": "broker", "new": "a", "same": "b"}
    assert changed_inhibitors(running, after) == (BUS,)
    assert changed_inhibitors({}, after) == changed_inhibitors(running, {}) == ()
    assert reboot_reason({}, {}, (BUS,)) == "dbus-implementation goes from dbus to broker"


def test_a_plan_says_what_inhibits_the_switch_and_what_to_do(bench: Bench) -> None:
    plan = asyncio.run(bench.plan(UPDATE)).plan
    assert plan.inhibitors == (BUS,)
    assert plan.reboot_required
    assert plan.reboot_reason.endswith("and dbus-implementation goes from dbus to broker")
    assert "Apply it with --boot" in plan.warnings[0]


@pytest.mark.parametrize("mode", [Mode.SWITCH, Mode.TEST])
def test_what_nixos_would_refuse_is_not_begun(bench: Bench, mode: Mode) -> None:
    before = bench.machine.state()
    done = asyncio.run(bench.apply(UPDATE, mode=mode))
    assert (done.state, done.result.error) == (TransactionState.FAILED, "SwitchInhibited")
    assert "--boot" in done.result.message
    assert bench.machine.calls == [], "nobody is asked, and nothing is built"
    assert bench.machine.state() == before


@pytest.mark.parametrize("mode", [Mode.BOOT, Mode.BUILD])
def test_what_waits_for_a_restart_is_not_inhibited(bench: Bench, mode: Mode) -> None:
    assert asyncio.run(bench.apply(UPDATE, mode=mode)).state is TransactionState.DONE


def test_a_generation_with_another_bus_is_not_switched_to_either(bench: Bench) -> None:
    asyncio.run(bench.apply(UPDATE, mode=Mode.BOOT))
    newest = bench.machine.default
    done = asyncio.run(bench.apply(SwitchGeneration(newest)))
    assert done.result.error == "SwitchInhibited"
    assert asyncio.run(bench.plan(AddPackage("hello"))).plan.inhibitors == (BUS,)
