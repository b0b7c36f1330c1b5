"""The dispatcher: what it serves, what it refuses, and what never leaves it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from luminous_daemon.bus import service as module
from luminous_daemon.bus.guard import requires
from luminous_daemon.bus.intent import IntentInterface
from luminous_protocol import names
from luminous_protocol.errors import NotAuthorized
from luminous_protocol.names import Action
from luminous_protocol.replies import Body
from luminous_protocol.variants import Typed
from tests.unit.luminous_daemon.bus.fake_connection import ALICE, BOB, HELLO, Door, Failed, opened

ROOT = names.ROOT_PATH
DBUS_ERROR = "org.freedesktop.DBus.Error."


@pytest.mark.parametrize(
    ("path", "method", "arguments", "error"),
    [
        ("/org/luminous1/nothing", (names.PEER, "Ping"), ("", ()), "UnknownObject"),
        ("/", (names.SYSTEM, "Status"), ("", ()), "UnknownObject"),
        (f"{ROOT}/plan/absent", (names.PLAN, "Discard"), ("", ()), "UnknownObject"),
        (f"{ROOT}/transaction/absent", (names.TRANSACTION, "Cancel"), ("", ()), "UnknownObject"),
        (ROOT, ("", "Status"), ("", ()), "UnknownInterface"),
        (ROOT, ("org.luminous1.Backdoor", "Open"), ("", ()), "UnknownInterface"),
        (ROOT, (names.PLAN, "Discard"), ("", ()), "UnknownInterface"),
        (ROOT, (names.SYSTEM, "Reboot"), ("", ()), "UnknownMethod"),
        (ROOT, (names.SYSTEM, "_find"), ("t", (1,)), "UnknownMethod"),
        (ROOT, (names.SYSTEM, "status"), ("", ()), "UnknownMethod"),
        (ROOT, (names.SYSTEM, "Status"), ("s", ("x",)), "InvalidArgs"),
        (ROOT, (names.SYSTEM, "Plan"), ("asa{sv}", ([], {})), "InvalidArgs"),
        (ROOT, (names.SYSTEM, "Rollback"), ("ua{sv}", (1, {})), "InvalidArgs"),
        (ROOT, (names.PROPERTIES, "Get"), ("ss", (names.SYSTEM, "Mood")), "UnknownProperty"),
        (ROOT, (names.PROPERTIES, "Get"), ("ss", (names.PLAN, "Id")), "UnknownInterface"),
        (ROOT, (names.PROPERTIES, "GetAll"), ("s", ("",)), "UnknownInterface"),
        (
            ROOT,
            (names.PROPERTIES, "Set"),
            ("ssv", (names.SYSTEM, "Busy", True)),
            "PropertyReadOnly",
        ),
    ],
)
def test_what_is_not_in_the_contract_is_refused_by_the_buss_own_names(
    path: str, method: tuple[str, str], arguments: tuple[str, tuple[Any, ...]], error: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as refused:
                await door.send_raw(path, method, arguments)
            assert refused.value.name == DBUS_ERROR + error
            assert door.bus.waiting == {}

    asyncio.run(steps())


def test_a_name_of_a_megabyte_is_not_sent_back() -> None:
    async def steps() -> None:
        long = "x" * 1_000_000
        async with opened() as door:
            for path, method, arguments in (
                (f"/{long}", (names.PEER, "Ping"), ("", ())),
                (ROOT, (long[:255], "Ping"), ("", ())),
                (ROOT, (names.SYSTEM, long[:255]), ("", ())),
                (ROOT, (names.PROPERTIES, "Get"), ("ss", (long, long))),
                (ROOT, (names.PROPERTIES, "Get"), ("ss", (names.SYSTEM, long))),
            ):
                with pytest.raises(Failed) as refused:
                    await door.send_raw(path, method, arguments)
                assert len(refused.value.message) < 400

    asyncio.run(steps())


def test_a_defect_is_answered_without_its_text_and_logged_whole(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @requires(Action.READ)
    async def falls(*_: object) -> tuple[Any, ...]:
        raise RuntimeError("a secret")

    monkeypatch.setattr(IntentInterface, "recognise", falls)

    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as refused:
                await door.call(ROOT, f"{names.INTENT}.Recognise", "x", {})
            assert refused.value.name == "org.luminous1.Error.Internal"
            assert "secret" not in refused.value.message
            await door.system("Status")

    with caplog.at_level(logging.ERROR):
        asyncio.run(steps())
    assert "a secret" in caplog.text


@pytest.mark.parametrize("answer", [("only one",), (1, 2), ([object()], ""), None])
def test_an_answer_that_the_contract_does_not_promise_is_a_defect(
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,  # noqa: ANN401 - any wrong answer
) -> None:
    @requires(Action.READ)
    async def lies(*_: object) -> Any:  # noqa: ANN401 - as above
        return answer

    monkeypatch.setattr(IntentInterface, "recognise", lies)

    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as refused:
                await door.call(ROOT, f"{names.INTENT}.Recognise", "x", {})
            assert refused.value.name == "org.luminous1.Error.Internal"

    logging.disable()
    try:
        asyncio.run(steps())
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("guard", [None, "absent"])
def test_a_method_without_a_guard_is_not_served(
    monkeypatch: pytest.MonkeyPatch, guard: str | None
) -> None:
    async def unguarded(*_: object) -> tuple[Any, ...]:
        raise AssertionError("it must not run")

    if guard:
        monkeypatch.delattr(IntentInterface, "recognise")
    else:
        monkeypatch.setattr(IntentInterface, "recognise", unguarded)

    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed) as refused:
                await door.call(ROOT, f"{names.INTENT}.Recognise", "x", {})
            assert refused.value.name == "org.luminous1.Error.Internal"

    logging.disable()
    try:
        asyncio.run(steps())
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (f"{names.SYSTEM}.Status", ()),
        (f"{names.SYSTEM}.ListGenerations", ()),
        (f"{names.SYSTEM}.Plan", ([HELLO], {})),
        (f"{names.SYSTEM}.Rebuild", ("switch", {})),
        (f"{names.SYSTEM}.CollectGarbage", ({},)),
        (f"{names.INTENT}.Recognise", ("x", {})),
        (f"{names.PROPERTIES}.Get", (names.SYSTEM, "Busy")),
        (f"{names.PROPERTIES}.GetAll", (names.SYSTEM,)),
        (f"{names.OBJECT_MANAGER}.GetManagedObjects", ()),
    ],
)
def test_polkits_no_comes_before_anything_is_done(method: str, arguments: tuple[Any, ...]) -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.trouble("authority.require", NotAuthorized("No."))
            before = len(door.bus.signals)
            with pytest.raises(Failed, match=r"NotAuthorized: No\."):
                await door.call(ROOT, method, *arguments)
            assert door.machine.calls == ["authority.require"]
            assert len(door.bus.signals) == before

    asyncio.run(steps())


def test_a_caller_that_has_left_the_bus_gets_nothing_done() -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match="NotAuthorized: The caller has left the bus"):
                await door.call(ROOT, f"{names.SYSTEM}.Status", sender=":1.99")
            assert door.machine.calls == []

    asyncio.run(steps())


def test_too_many_calls_at_once_of_one_client_are_refused_and_of_others_not() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.machine.gates["authority.require"] = asyncio.Event()
            status = f"{names.SYSTEM}.Status"
            held = [door.send(ROOT, status) for _ in range(64)]
            with pytest.raises(Failed, match="LimitsExceeded: Too many calls"):
                await door.send(ROOT, status)
            other = door.send(ROOT, status, sender=BOB)
            gate.set()
            await asyncio.gather(*held, other)
            await door.send(ROOT, status)

    asyncio.run(steps())


def test_ping_and_introspection_are_free() -> None:
    async def steps() -> None:
        async with opened() as door:
            assert await door.call(ROOT, f"{names.PEER}.Ping") == ()
            (answer,) = await door.call(ROOT, f"{names.INTROSPECTABLE}.Introspect")
            assert isinstance(answer, Body)
            assert names.SYSTEM.encode() in answer.content
            assert door.machine.calls == []

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("path", "child"), [("/", "org"), ("/org", "luminous1"), (f"{ROOT}/plan", None)]
)
def test_the_way_to_the_objects_can_be_walked(path: str, child: str | None) -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            (xml,) = await door.call(path, f"{names.INTROSPECTABLE}.Introspect")
            assert f'<node name="{child or plan.rpartition("/")[2]}"/>' in xml

    asyncio.run(steps())


def test_the_machines_id_is_read_or_named_as_absent(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,  # noqa: ANN401 - a path
) -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.call(ROOT, f"{names.PEER}.GetMachineId")

    (tmp_path / "present").write_text("0123456789abcdef\n")
    monkeypatch.setattr(
        module, "open", lambda *_, **__: (tmp_path / "present").open(), raising=False
    )
    asyncio.run(steps())
    monkeypatch.setattr(
        module, "open", lambda *_, **__: (tmp_path / "absent").open(), raising=False
    )

    async def without() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match="has no machine id"):
                await door.call(ROOT, f"{names.PEER}.GetMachineId")

    asyncio.run(without())


async def managed(door: Door, sender: str) -> dict[str, Any]:
    """Return what somebody sees of all objects: the caller's own dict, before it is encoded."""
    answers: list[Any] = []
    encode = door.bus.encode

    def keep(signature: str, values: Any) -> Body:  # noqa: ANN401 - any body
        answers.append(values)
        return encode(signature, values)

    door.bus.encode = keep  # type: ignore[method-assign] # to see what is about to be encoded
    await door.call(ROOT, f"{names.OBJECT_MANAGER}.GetManagedObjects", sender=sender)
    found: dict[str, Any] = answers[-1][0]
    return found


def test_everybody_sees_their_own_plans_and_everybodys_transactions() -> None:
    async def steps() -> None:
        async with opened() as door:
            transaction = await door.applied(HELLO)
            plan = await door.planned({"kind": "enable", "target": "openssh"})
            own = await managed(door, ALICE)
            assert {transaction, plan} < set(own)
            assert len(own) == 3, "and the plan that was applied"
            assert set(await managed(door, BOB)) == {transaction}
            assert own[plan][names.PLAN]["State"] == Typed("s", "ready")
            with pytest.raises(Failed, match="NotAuthorized: This plan belongs to somebody else"):
                await door.properties(plan, names.PLAN, sender=BOB)

    asyncio.run(steps())


def test_objects_are_announced_when_they_come_and_when_they_go() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            assert door.heard(ROOT, "InterfacesAdded") == [(plan, {names.PLAN: {}})]
            await door.call(plan, f"{names.PLAN}.Discard")
            assert door.heard(ROOT, "InterfacesRemoved") == [(plan, [names.PLAN])]
            door.service.withdraw(plan)
            assert len(door.heard(ROOT, "InterfacesRemoved")) == 1

    asyncio.run(steps())


def test_an_answer_that_has_not_changed_is_not_encoded_again() -> None:
    async def steps() -> None:
        async with opened() as door:
            first = await door.system("Status")
            assert await door.system("Status", sender=BOB) is first
            door.stamp += 1
            assert await door.system("Status") is not first

    asyncio.run(steps())
