"""Probes around an activation: which of them are worse, and how long they are waited for."""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core import execution
from luminous_daemon.core.health import look
from luminous_daemon.core.ports import Health
from luminous_protocol.changes import AddPackage
from luminous_protocol.errors import ActivationFailed
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_time import run_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_daemon.core.transactions import Transaction

S = TransactionState
HELLO = AddPackage("hello")


@pytest.fixture
def bench() -> Bench:
    """Give a machine with one probe, which is well."""
    bench = Bench()
    bench.machine.probes = {"web": 10}
    return bench


def carry_out(
    bench: Bench, before: dict[str, list[str]], after: dict[str, list[str]], **wishes: object
) -> tuple[Transaction, float, list[str]]:
    """Carry out a change with these answers of the probes before and after it.

    Return the transaction, how long it took, and the phases that it went through.
    """
    phases: list[str] = []

    async def steps() -> tuple[Transaction, float]:
        prepared = await bench.plan(HELLO)
        new = prepared.derivation.removesuffix(".drv")
        bench.machine.failed_probes = {
            path: {name: deque(reasons) for name, reasons in answers.items()}
            for path, answers in ((prepared.base, before), (new, after))
        }
        bench.machine.calls.clear()
        transaction = bench.transaction(prepared, **wishes)
        transaction.observer = lambda what: (
            phases.append(transaction.phase) if what == "state" else None
        )
        await bench.executor.run(transaction)
        return transaction, asyncio.get_running_loop().time()

    return *run_at_once(steps()), phases


def attempts(bench: Bench, name: str = "web") -> int:
    """Return how often a probe was tried."""
    return bench.machine.calls.count(f"health.try_probe {name}")


def test_a_probe_that_stays_well_is_tried_once_before_and_once_after(bench: Bench) -> None:
    transaction, seconds, phases = carry_out(bench, {}, {})
    assert (transaction.state, seconds, attempts(bench)) == (S.DONE, 0, 2)
    calls = bench.machine.calls
    first, second = (at for at, call in enumerate(calls) if call == "health.try_probe web")
    assert first < calls.index("journal.write")
    assert calls.index("activation.test") < second < calls.index("journal.default")
    assert not any(phase.startswith("waiting for the probe") for phase in phases)
    assert not any("probe" in line for line in transaction.log)


def test_a_probe_that_gets_worse_puts_everything_back_and_says_why(bench: Bench) -> None:
    before = bench.machine.state()
    why = "http://localhost/ answered 502"
    transaction, seconds, phases = carry_out(bench, {}, {"web": [why]})
    assert transaction.result.error == "ActivationFailed"
    assert transaction.result.message == (
        "After the switch these probes fail: web (http://localhost/ answered 502). "
        "Everything was put back as it was."
    )
    assert transaction.details == {"units": [], "probes": {"web": why}, "put_back": "yes"}
    assert bench.machine.state() == before
    assert seconds == 10
    assert "waiting for the probe web" in phases
    assert f"The probe web is not well yet: {why}." in transaction.log


def test_a_probe_gets_its_time_to_become_well(bench: Bench) -> None:
    transaction, seconds, phases = carry_out(bench, {}, {"web": ["no", "no", "still no", ""]})
    assert transaction.state is S.DONE
    assert seconds == 0.25 + 0.5 + 1
    assert attempts(bench) == 5
    assert phases.count("waiting for the probe web") == 1
    assert [line for line in transaction.log if "probe" in line] == [
        "The probe web is not well yet: no.",
        "The probe web is well now.",
    ]


def test_attempts_come_a_second_apart_at_most_and_end_with_the_time(bench: Bench) -> None:
    bench.machine.probes = {"web": 5}
    transaction, seconds, _ = carry_out(bench, {}, {"web": ["first", "then"]})
    assert transaction.details["probes"] == {"web": "then"}
    assert seconds == 5
    assert attempts(bench) == 1 + 7  # at 0, 0.25, 0.75, 1.75, 2.75, 3.75 and 4.75 seconds


def test_a_probe_that_was_ill_before_is_told_and_never_blamed(bench: Bench) -> None:
    transaction, seconds, _ = carry_out(bench, {"web": ["no disk"]}, {"web": ["no disk"]})
    assert (transaction.state, seconds) == (S.DONE, 0)
    assert attempts(bench) == 1
    assert "The probe web was not well before this change either: no disk." in transaction.log


def test_probes_that_are_worse_are_told_in_order_with_the_units(bench: Bench) -> None:
    bench.machine.probes = {"web": 10, "mail": 10, "old": 10, "well": 10}

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO)
        new = prepared.derivation.removesuffix(".drv")
        bench.machine.failed_units = {new: {"b.service", "a.service"}}
        bench.machine.failed_probes = {
            prepared.base: {"old": deque(["no"])},
            new: {name: deque(["no"]) for name in ("old", "web", "mail")},
        }
        transaction = bench.transaction(prepared)
        await bench.executor.run(transaction)
        # What has failed needs no more time.
        assert asyncio.get_running_loop().time() == 0
        return transaction

    transaction = run_at_once(steps())
    assert transaction.result.message.startswith(
        "After the switch these units failed: a.service, b.service. "
        "These probes fail: mail (no), web (no). Everything"
    )
    assert transaction.details["probes"] == {"mail": "no", "web": "no"}


def test_a_unit_that_fails_while_a_probe_is_waited_for_is_told_too(bench: Bench) -> None:
    machine = bench.machine

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO)
        new = prepared.derivation.removesuffix(".drv")
        machine.failed_probes = {new: {"web": deque(["no"])}}

        async def fail_later() -> None:
            await asyncio.sleep(3)
            machine.failed_units = {new: {"web.service"}}

        failing = asyncio.create_task(fail_later())
        transaction = bench.transaction(prepared)
        await bench.executor.run(transaction)
        await failing
        return transaction

    assert run_at_once(steps()).result.message.startswith(
        "After the switch these units failed: web.service. These probes fail: web (no)."
    )


def test_a_probe_that_hangs_is_ended_by_its_limit(bench: Bench) -> None:
    bench.machine.probes = {"web": 3, "other": 1}

    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO)
        transaction = bench.transaction(prepared)
        running = asyncio.create_task(bench.executor.run(transaction))
        while "activation.test" not in bench.machine.calls:
            await asyncio.sleep(0)
        for name in bench.machine.probes:
            bench.machine.gates[f"health.try_probe {name}"] = asyncio.Event()
        await running
        # At the same time as one another.
        assert asyncio.get_running_loop().time() == 3
        return transaction

    assert run_at_once(steps()).details["probes"] == {
        "other": "no answer within 1 second",
        "web": "no answer within 3 seconds",
    }


def test_a_probe_that_hangs_in_the_end_is_told_with_what_it_said_before(bench: Bench) -> None:
    async def steps() -> Transaction:
        prepared = await bench.plan(HELLO)
        new = prepared.derivation.removesuffix(".drv")
        bench.machine.failed_probes = {new: {"web": deque(["refused"])}}
        transaction = bench.transaction(prepared)

        def observe(_: str) -> None:
            if transaction.phase == "waiting for the probe web":
                bench.machine.gates["health.try_probe web"] = asyncio.Event()

        transaction.observer = observe
        await bench.executor.run(transaction)
        return transaction

    assert run_at_once(steps()).details["probes"] == {"web": "refused"}


def test_those_that_are_waited_for_are_named_together(bench: Bench) -> None:
    bench.machine.probes = {"web": 10, "mail": 10}
    after = {"web": ["no", ""], "mail": ["no", "no", ""]}
    transaction, seconds, phases = carry_out(bench, {}, after)
    assert (transaction.state, seconds) == (S.DONE, 0.75)
    assert [phase for phase in phases if "waiting" in phase] == [
        "waiting for the probe web",
        "waiting for the probes mail, web",
        "waiting for the probe mail",
    ]


TROUBLES: dict[str, tuple[Callable[[], Exception], str]] = {
    "named": (lambda: ActivationFailed("It went wrong."), "It went wrong"),
    "no program": (
        lambda: FileNotFoundError(errno.ENOENT, "No such file", "x"),
        "No such file (x)",
    ),
    "disk": (lambda: OSError(errno.EIO, "Input/output error"), "Input/output error"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_probe_that_cannot_be_tried_is_not_well(bench: Bench, trouble: str) -> None:
    error, reason = TROUBLES[trouble]
    bench.machine.trouble("health.try_probe web", error())
    assert run_at_once(look(bench.world.health)) == Health(failed_probes={"web": reason})


def test_a_defect_in_a_probe_puts_everything_back(bench: Bench) -> None:
    before = bench.machine.state()
    bench.machine.trouble("health.try_probe web", None, RuntimeError("a secret"))
    transaction, *_ = carry_out(bench, {}, {})
    assert (transaction.result.error, transaction.result.put_back) == ("Internal", True)
    assert bench.machine.state() == before
    assert len(bench.defects) == 1


@pytest.mark.parametrize("mode", [Mode.BOOT, Mode.BUILD])
def test_a_change_that_activates_nothing_tries_no_probe(bench: Bench, mode: Mode) -> None:
    transaction, *_ = carry_out(bench, {"web": ["no"]}, {"web": ["no"]}, mode=mode)
    assert (transaction.state, attempts(bench)) == (S.DONE, 0)


def test_without_probes_the_units_are_looked_at_once_before_and_once_after() -> None:
    bench = Bench()
    transaction, *_ = carry_out(bench, {}, {})
    assert transaction.state is S.DONE
    assert bench.machine.calls.count("health.measure") == 2
    assert not [call for call in bench.machine.calls if "probe" in call]


def test_a_probe_that_became_ill_in_a_long_build_is_not_blamed_on_the_switch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_FRESH_SECONDS", -1)
    transaction, *_ = carry_out(bench, {"web": ["", "no"]}, {"web": ["no"]})
    assert transaction.state is S.DONE, transaction.result.message


def test_a_slow_probe_before_the_change_is_tried_once_and_named(bench: Bench) -> None:
    async def steps() -> Transaction:
        bench.machine.gates["health.try_probe web"] = asyncio.Event()
        transaction = bench.transaction(await bench.plan(HELLO))
        phases: list[str] = []
        transaction.observer = lambda _: phases.append(transaction.phase)
        await bench.executor.run(transaction)
        assert asyncio.get_running_loop().time() == 10
        assert "looking at the machine's health" in phases
        return transaction

    transaction = run_at_once(steps())
    assert transaction.state is S.DONE
    assert attempts(bench) == 1
    said = "The probe web was not well before this change either: no answer within 10 seconds."
    assert said in transaction.log


def test_a_sign_of_life_that_the_machine_never_had_is_no_news(bench: Bench) -> None:
    bench.machine.probes = {"web": 10, "sign-of-ipv6": 5}
    transaction, _, phases = carry_out(
        bench, {"sign-of-ipv6": ["none"]}, {"sign-of-ipv6": ["none"]}
    )
    assert transaction.state is S.DONE
    assert not [line for line in transaction.log if "sign-of-ipv6" in line]
    assert "looking at the machine's health" not in phases


def test_a_change_can_be_cancelled_while_a_probe_hangs_before_it(bench: Bench) -> None:
    before = bench.machine.state()

    async def steps() -> Transaction:
        bench.machine.gates["health.try_probe web"] = asyncio.Event()
        transaction = bench.transaction(await bench.plan(HELLO))
        running = asyncio.create_task(bench.executor.run(transaction))
        while transaction.phase != "looking at the machine's health":
            await asyncio.sleep(0.1)
        running.cancel()
        await running
        assert asyncio.get_running_loop().time() < 1
        return transaction

    assert run_at_once(steps()).state is S.CANCELLED
    assert bench.machine.state() == before
