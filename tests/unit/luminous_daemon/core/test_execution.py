"""Carrying out: every kind of change, in every mode, to its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.module_file import EMPTY
from luminous_protocol.changes import (
    AddPackage,
    Change,
    CollectGarbage,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    RestoreInputs,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
    change_to_dict,
)
from luminous_protocol.errors import (
    Dismissed,
    Drifted,
    LuminousError,
    NoAgent,
    NotAuthorized,
)
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, states_of
from tests.unit.luminous_daemon.fake_authority import FakeAuthority
from tests.unit.luminous_daemon.fake_world import ALICE
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from luminous_daemon.core.ports import World

S = TransactionState


@pytest.fixture
def bench() -> Bench:
    """Give a machine."""
    return Bench()


def authority_of(world: World) -> FakeAuthority:
    """Return the authority, which remembers what it was asked."""
    assert isinstance(world.authority, FakeAuthority)
    return world.authority


CHANGES: list[tuple[tuple[Change, ...], Change]] = [
    ((), AddPackage("hello")),
    ((), AddPackage("firefox")),
    ((AddPackage("hello"),), RemovePackage("hello")),
    ((), Enable("openssh")),
    ((Enable("openssh"),), Disable("openssh")),
    ((), SetOption("networking.hostName", "box")),
    ((SetOption("networking.hostName", "box"),), UnsetOption("networking.hostName")),
    ((), UpdateInputs()),
    ((UpdateInputs(),), RestoreInputs(1)),
]


@pytest.mark.parametrize(("before", "change"), CHANGES, ids=lambda value: str(value)[:40])
def test_a_change_of_the_configuration_ends_running_and_booting(
    bench: Bench, before: tuple[Change, ...], change: Change
) -> None:
    async def steps() -> None:
        for earlier in before:
            await bench.apply(earlier)
        old = bench.machine.running
        transaction = await bench.apply(change)
        assert transaction.state is S.DONE, transaction.result.message
        machine = bench.machine
        assert machine.running == machine.current_toplevel() != old
        assert machine.generations[machine.default] == machine.running
        result = transaction.result
        assert (result.running, result.default) == (machine.default, machine.default)
        assert result.toplevel == machine.running
        assert result.message == f"Generation {machine.default} runs now and boots by default."
        record = bench.journal.find(transaction.id)
        assert record
        assert (record.state, record.made) == ("done", machine.default)
        assert record.changes == (change_to_dict(change),)
        assert record.inverse

    asyncio.run(steps())
    assert bench.defects == []
    assert bench.journal.unfinished() == []


def test_the_order_is_permission_build_write_switch_health_default(bench: Bench) -> None:
    asyncio.run(bench.apply(AddPackage("hello")))
    calls = bench.machine.calls
    beside = ("evaluator.evaluate", "health.measure", "store.closure_size")
    assert [call for call in calls if call not in beside] == [
        "authority.require",
        "journal.begin",
        "store.build",
        "repository.unknown_files",
        "journal.write",
        "configuration.replace",
        "journal.track",
        "repository.track",
        "journal.test",
        "activation.begins",
        "activation.test",
        "journal.default",
        "activation.profile",
        "activation.boot",
        "journal.finish",
    ]
    proof = calls.index("evaluator.evaluate")
    assert calls.index("configuration.replace") < proof < calls.index("journal.default")
    before, after = (at for at, call in enumerate(calls) if call == "health.measure")
    assert before < calls.index("journal.write")
    assert calls.index("activation.test") < after < calls.index("journal.default")


def test_polkit_is_asked_once_with_what_is_being_approved(bench: Bench) -> None:
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    (asked,) = authority_of(bench.world).asked
    assert asked == (
        ALICE,
        "org.luminous1.change-packages",
        {
            "summary": "install hello 2.12",
            "risk": "low",
            "plan": transaction.prepared.plan.id,
            "user": "alice",
        },
        True,
    )


def test_a_client_can_ask_for_no_question(bench: Bench) -> None:
    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")), interactive=False)
        await bench.executor.run(transaction)

    asyncio.run(steps())
    assert authority_of(bench.world).asked[0][3] is False


def test_states_follow_one_another_as_clients_expect(bench: Bench) -> None:
    async def steps() -> list[S]:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        seen = states_of(transaction)
        await bench.executor.run(transaction)
        return seen

    assert asyncio.run(steps()) == [S.PREPARING, S.AUTHORISING, S.BUILDING, S.ACTIVATING, S.DONE]


def test_built_only_changes_nothing(bench: Bench) -> None:
    before = bench.machine.state()
    transaction = asyncio.run(bench.apply(AddPackage("hello"), mode=Mode.BUILD))
    assert transaction.state is S.DONE
    assert bench.machine.state() == before
    assert transaction.result.message.endswith("Nothing was activated.")
    record = bench.journal.find(transaction.id)
    assert record
    assert (record.inverse, record.made) == ((), 0)


def test_tried_only_runs_until_the_next_boot_and_writes_no_file(bench: Bench) -> None:
    default = bench.machine.default
    transaction = asyncio.run(bench.apply(AddPackage("hello"), mode=Mode.TEST))
    assert transaction.state is S.DONE
    assert bench.machine.text == EMPTY
    assert bench.machine.default == default
    assert bench.machine.running == transaction.result.toplevel
    record = bench.journal.find(transaction.id)
    assert record
    assert record.inverse == ({"kind": "switch-generation", "generation": default},)


def test_for_the_next_boot_leaves_what_runs_alone(bench: Bench) -> None:
    running = bench.machine.running
    transaction = asyncio.run(bench.apply(AddPackage("hello"), mode=Mode.BOOT))
    assert transaction.state is S.DONE
    assert bench.machine.running == running
    assert bench.machine.generations[bench.machine.default] == bench.machine.current_toplevel()
    assert "activation.test" not in bench.machine.calls
    assert transaction.result.message == "Generation 3 will run from the next boot on."


@pytest.mark.parametrize("action", ["switch", "boot", "test", "build"])
def test_a_rebuild_activates_what_the_files_say(bench: Bench, action: str) -> None:
    bench.machine.other_files = "{ edited = true; }"
    new = bench.machine.current_toplevel()
    transaction = asyncio.run(bench.apply(Rebuild(action), mode=Mode(action)))
    assert transaction.state is S.DONE
    assert (bench.machine.running == new) is (action in {"switch", "test"})
    assert (new in bench.machine.generations.values()) is (action in {"switch", "boot"})
    assert "configuration.replace" not in bench.machine.calls


@pytest.mark.parametrize("number", [1, 0])
def test_going_back_makes_no_new_generation(bench: Bench, number: int) -> None:
    transaction = asyncio.run(bench.apply(SwitchGeneration(number)))
    assert transaction.state is S.DONE
    assert bench.machine.default == 1
    assert bench.machine.running == bench.machine.generations[1]
    assert sorted(bench.machine.generations) == [1, 2]
    assert "store.build" not in bench.machine.calls
    record = bench.journal.find(transaction.id)
    assert record
    assert (record.made, record.generation) == (0, 1)


def test_garbage_deletes_exactly_what_the_plan_named(bench: Bench) -> None:
    async def steps() -> None:
        for name in ("hello", "discord", "steam"):
            await bench.apply(AddPackage(name))
        transaction = await bench.apply(CollectGarbage())
        assert transaction.state is S.DONE
        assert transaction.prepared.plan.generations == (3, 1)
        assert sorted(bench.machine.generations) == [2, 4, 5]
        assert transaction.result.freed == 4096
        assert transaction.result.message == "Freed 4096 bytes."

    asyncio.run(steps())


@pytest.mark.parametrize("mode", [Mode.BUILD, Mode.TEST, Mode.BOOT])
def test_garbage_is_not_deleted_in_a_mode_that_promises_less(bench: Bench, mode: Mode) -> None:
    asyncio.run(bench.apply(AddPackage("hello")))
    before = bench.machine.state()
    transaction = asyncio.run(bench.apply(CollectGarbage(), mode=mode))
    assert transaction.state is S.FAILED
    assert transaction.result.error == "InvalidValue"
    assert bench.machine.state() == before


@pytest.mark.parametrize("error", [NotAuthorized("No."), Dismissed("Closed."), NoAgent("Nobody.")])
def test_without_permission_every_byte_is_as_it_was(bench: Bench, error: LuminousError) -> None:
    before = bench.machine.state()
    bench.machine.trouble("authority.require", error)
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    assert transaction.state is S.FAILED
    assert (transaction.result.error, transaction.result.message) == (error.name, error.message)
    assert bench.machine.state() == before
    assert bench.machine.calls == ["authority.require"]
    assert bench.journal.entries == []


@pytest.mark.parametrize("changed", ["file", "other file", "running", "default"])
def test_a_plan_whose_ground_has_changed_is_refused(bench: Bench, changed: str) -> None:
    machine = bench.machine

    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        match changed:
            case "file":
                machine.text += "# mine\n"
            case "other file":
                machine.other_files = "{ mine = true; }"
            case "running":
                machine.running = machine.generations[1]
            case _:
                machine.default = 1
        before = machine.state()
        await bench.executor.run(transaction)
        assert transaction.state is S.FAILED
        assert transaction.result.error == "Drifted"
        assert transaction.result.message.endswith("Nothing was changed; plan again.")
        assert machine.state() == before

    asyncio.run(steps())


def test_a_configuration_that_proves_to_be_another_is_put_back(bench: Bench) -> None:
    async def steps() -> None:
        transaction = bench.transaction(await bench.plan(AddPackage("hello")))
        before = bench.machine.state()
        gate = bench.machine.gates["evaluator.evaluate"] = asyncio.Event()
        bench.machine.calls.clear()
        task = asyncio.create_task(bench.executor.run(transaction))
        await until(lambda: "evaluator.evaluate" in bench.machine.calls)
        others = bench.machine.other_files
        bench.machine.other_files = '{ somebody = "was quicker"; }'
        gate.set()
        await task
        assert bench.machine.other_files == '{ somebody = "was quicker"; }'
        bench.machine.other_files = others
        assert (transaction.state, transaction.result.error) == (S.FAILED, "Drifted")
        assert transaction.result.put_back
        assert bench.machine.state() == before

    asyncio.run(steps())


def test_a_plan_can_be_made_inside_of_its_transaction(bench: Bench) -> None:
    async def steps() -> None:
        prepared = await bench.plan(AddPackage("hello"))
        transaction = bench.transaction(prepared)

        async def prepare() -> object:
            raise Drifted("It cannot be planned.")

        await bench.executor.run(transaction, prepare)  # type: ignore[arg-type] # it never returns
        assert (transaction.state, transaction.result.error) == (S.FAILED, "Drifted")

    asyncio.run(steps())


def test_a_defect_is_reported_and_told_without_its_text(bench: Bench) -> None:
    bench.machine.trouble("authority.require", RuntimeError("a secret"))
    transaction = asyncio.run(bench.apply(AddPackage("hello")))
    assert (transaction.state, transaction.result.error) == (S.FAILED, "Internal")
    assert "secret" not in transaction.result.message
    assert [str(error) for error in bench.defects] == ["a secret"]
