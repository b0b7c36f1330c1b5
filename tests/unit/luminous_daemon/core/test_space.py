"""Free space: what is needed where, what is refused, and what is only warned of."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from luminous_protocol.changes import AddPackage, SwitchGeneration, UpdateInputs
from luminous_protocol.errors import BuildFailed, NoSpace
from luminous_protocol.plan import Plan, Room
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench

MIB = 2**20
PLENTY = {"/nix/store": 10**12, "/boot": 10**9}
HELLO, UPDATE = AddPackage("hello"), UpdateInputs(())


@pytest.fixture
def bench() -> Bench:
    """Give a machine with much room."""
    bench = Bench()
    bench.machine.free = dict(PLENTY)
    return bench


def _plan(bench: Bench, change: AddPackage | UpdateInputs | SwitchGeneration) -> Plan:
    return asyncio.run(bench.plan(change)).plan


def test_a_plan_says_what_it_needs_in_the_store(bench: Bench) -> None:
    bench.machine.unpacked = 5000
    plan = _plan(bench, HELLO)
    assert plan.rooms == (Room("/nix/store", MIB + 5000, 5000, 10**12),)
    assert plan.warnings == ()


def test_a_new_kernel_needs_room_in_the_boot_partition(bench: Bench) -> None:
    plan = _plan(bench, UPDATE)
    assert plan.rooms[1] == Room("/boot", 1000, 0, 10**9), "as large as the one that runs: a guess"


def test_a_kernel_that_some_generation_has_is_there_already(bench: Bench) -> None:
    asyncio.run(bench.apply(UPDATE))
    assert [room.path for room in _plan(bench, HELLO).rooms] == ["/nix/store"]
    asyncio.run(bench.apply(SwitchGeneration(1)))
    assert bench.machine.inputs_generation != 1, "the inputs stay, and so does the newer kernel"
    assert [room.path for room in _plan(bench, HELLO).rooms] == ["/nix/store"]


def test_two_places_in_one_file_system_share_what_is_free(bench: Bench) -> None:
    del bench.machine.free["/boot"]
    assert [room.path for room in _plan(bench, UPDATE).rooms] == ["/nix/store"]


@pytest.mark.parametrize("mode", [Mode.SWITCH, Mode.BOOT, Mode.TEST, Mode.BUILD])
def test_what_certainly_does_not_fit_is_refused_before_anything_is_done(
    bench: Bench, mode: Mode
) -> None:
    bench.machine.unpacked = 5000
    bench.machine.free["/nix/store"] = 4000
    assert _plan(bench, HELLO).warnings == (
        "There is no room: 4.9 KiB needed in /nix/store, 3.9 KiB free. To make room: ask-nix gc",
    )
    before = bench.machine.state()
    done = asyncio.run(bench.apply(HELLO, mode=mode))
    assert (done.state, done.result.error) == (TransactionState.FAILED, "NoSpace")
    assert done.details == {"path": "/nix/store", "needed": "5000", "free": "4000"}
    assert bench.machine.calls == [], "nobody is asked for permission, and nothing is built"
    assert bench.machine.state() == before


def test_a_build_that_fails_where_room_is_short_says_so(bench: Bench) -> None:
    bench.machine.free["/nix/store"] = 40 * 1024
    bench.machine.troubles["store.build"] = deque(
        [BuildFailed("It does not build.", {"log": ["oh"]})]
    )
    done = asyncio.run(bench.apply(HELLO))
    assert done.result.error == "BuildFailed"
    assert done.result.message == (
        "It does not build. There may be no room: about 1.0 MiB needed in /nix/store, 40.0 KiB "
        "free. To make room: ask-nix gc"
    )
    assert done.result.log == ("oh",)


def test_what_only_may_not_fit_is_warned_of_and_tried(bench: Bench) -> None:
    bench.machine.free["/nix/store"] = MIB - 1
    (warning,) = _plan(bench, HELLO).warnings
    assert warning.startswith("There may be no room: about 1.0 MiB needed in /nix/store")
    assert asyncio.run(bench.apply(HELLO)).state is TransactionState.DONE


def test_room_that_was_made_after_the_plan_counts(bench: Bench) -> None:
    async def steps() -> TransactionState:
        bench.machine.unpacked = 5000
        bench.machine.free["/nix/store"] = 4000
        transaction = bench.transaction(await bench.plan(HELLO))
        bench.machine.free["/nix/store"] = 10**9
        await bench.executor.run(transaction)
        return transaction.state

    assert asyncio.run(steps()) is TransactionState.DONE


@pytest.mark.parametrize("mode", [Mode.SWITCH, Mode.BOOT])
def test_a_kernel_that_turns_out_too_large_is_refused_once_it_is_built(
    bench: Bench, mode: Mode
) -> None:
    bench.machine.free["/boot"] = 999
    assert "There may be no room" in " ".join(_plan(bench, UPDATE).warnings)
    before = bench.machine.state()
    done = asyncio.run(bench.apply(UPDATE, mode=mode))
    assert done.result.error == "NoSpace", done.result
    assert "Nothing was changed." in done.result.message
    assert bench.machine.state() == before


def test_trying_a_system_needs_no_room_in_the_boot_partition(bench: Bench) -> None:
    bench.machine.free["/boot"] = 999
    assert asyncio.run(bench.apply(UPDATE, mode=Mode.TEST)).state is TransactionState.DONE


def test_the_error_is_one_of_those_that_clients_know() -> None:
    assert NoSpace("x").dbus_name == "org.luminous1.Error.NoSpace"
