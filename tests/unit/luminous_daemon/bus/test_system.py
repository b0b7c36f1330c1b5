"""The machine as a whole on the bus: generations, comparisons, history, status and words."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from luminous_daemon.bus.caller import user_name
from luminous_daemon.bus.system import MAX_QUESTIONS
from luminous_daemon.bus.wire import intent_to_dict
from luminous_protocol import names
from luminous_protocol.intents import Intent, IntentKind
from luminous_protocol.names import INTENT, PLAN, ROOT_PATH, SYSTEM, TRANSACTION
from luminous_protocol.replies import Body
from tests.unit.luminous_daemon.bus.fake_connection import BOB, HELLO, Door, Failed, opened
from tests.unit.luminous_daemon.fake_world import START
from tests.unit.luminous_daemon.waiting import until


async def listed(door: Door) -> list[dict[str, Any]]:
    """Return what `ListGenerations` answers, before it is encoded."""
    answers: list[Any] = []
    encode = door.bus.encode

    def keep(signature: str, values: Any) -> Body:  # noqa: ANN401 - any body
        answers.append(values)
        return encode(signature, values)

    door.bus.encode = keep  # type: ignore[method-assign] # to see what is about to be encoded
    await door.system("ListGenerations")
    door.bus.encode = encode  # type: ignore[method-assign] # as it was
    found: list[dict[str, Any]] = answers[-1][0]
    return found


def test_generations_come_newest_first_with_the_words_that_made_them() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.system("Plan", [HELLO], {"words": "please install\x00 hello\n"})
            await until(lambda: bool(door.heard(path, "PropertiesChanged")))
            (transaction,) = await door.call(path, f"{PLAN}.Apply", "switch", {})
            await door.end_of(transaction)
            newest, second, oldest = await listed(door)
            assert (newest["number"], second["number"], oldest["number"]) == (3, 2, 1)
            assert (newest["words"], newest["user"]) == ("please install hello", user_name(1000))
            assert (newest["current"], newest["default"]) == (True, True)
            assert second["booted"] is True
            assert oldest["date"] == START
            # What is false or empty is left out.
            assert not {"booted", "specialisations", "configuration-revision"} & set(newest)
            assert not {"words", "user", "current", "booted", "default"} & set(oldest)
            assert newest["toplevel"] == door.machine.running

    asyncio.run(steps())


def test_two_generations_are_compared() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            await door.applied({"kind": "update-inputs"}, {"kind": "enable", "target": "openssh"})
            found = await door.system("CompareGenerations", 2, 0)
            assert (found["before"], found["after"]) == (2, 4)
            assert found["packages"] == [
                {"name": "git", "before": "2.51", "after": "2.51.1"},
                {"name": "hello", "before": "", "after": "2.12.1"},
            ]
            assert found["units"]["start"] == ["openssh.service"]
            assert (found["reboot-required"], found["reboot-reason"]) == (
                True,
                "the kernel changes",
            )
            assert found["closure"]["after"] > found["closure"]["before"]

    asyncio.run(steps())


@pytest.mark.parametrize("numbers", [(2, 9), (9, 2), (2**64 - 1, 0)])
def test_a_generation_that_is_not_there_cannot_be_compared(numbers: tuple[int, int]) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match=r"UnknownGeneration.*ask-nix generations"):
                await door.system("CompareGenerations", *numbers)

    asyncio.run(steps())


def test_history_is_newest_first_and_says_what_can_be_undone() -> None:
    async def steps() -> None:
        async with opened() as door:
            first = await door.applied(HELLO)
            second = await door.applied({"kind": "enable", "target": "openssh"})
            found = await door.system("ListTransactions", {"limit": 10}, sender=BOB)
            assert [entry["path"] for entry in found] == [second, first]
            newest = found[0]
            assert (newest["state"], newest["undoable"], newest["generation"]) == ("done", True, 4)
            assert newest["changes"] == [{"kind": "enable", "target": "openssh"}]
            for limit, count in ((1, 1), (0, 0), (-5, 0), (2**40, 2)):
                assert len(await door.system("ListTransactions", {"limit": limit})) == count
            assert len(await door.system("ListTransactions", {})) == 2
            with pytest.raises(Failed, match="InvalidValue"):
                await door.system("ListTransactions", {"limit": "all"})

    asyncio.run(steps())


def test_status_says_in_short_how_the_machine_is_and_looks_once() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            status = await door.status.read()
            shown = {key: status[key] for key in ("current", "booted", "default", "generations")}
            assert shown == {"current": 3, "booted": 2, "default": 3, "generations": 3}
            assert (status["packages"], status["definitions"]) == (["hello"], 1)
            assert (status["configuration-problem"], status["reboot-required"]) == ("", False)
            assert (status["version"], status["nix"]) == ("1.2.3", "2.26")
            reads = door.machine.calls.count("configuration.read")
            assert await door.status.read() is status
            assert door.machine.calls.count("configuration.read") == reads
            assert door.looked_up == 1

    asyncio.run(steps())


def test_status_names_a_file_that_cannot_be_read() -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.text = "{ mine = true; }"
            status = await door.status.read()
            assert "not in the form that Luminous writes" in status["configuration-problem"]
            assert (status["packages"], status["definitions"]) == ([], 0)
            assert isinstance(await door.system("Status"), Body)

    asyncio.run(steps())


def test_the_machines_properties_follow_it() -> None:
    async def steps() -> None:
        async with opened() as door:
            found = await door.properties(ROOT_PATH, SYSTEM)
            assert found == {
                "Version": "1.2.3",
                "CurrentGeneration": 2,
                "BootedGeneration": 2,
                "DefaultGeneration": 2,
                "RebootRequired": False,
                "Busy": False,
            }
            await door.applied({"kind": "update-inputs"})
            door.stamp += 1
            found = await door.properties(ROOT_PATH, SYSTEM)
            assert (found["CurrentGeneration"], found["RebootRequired"]) == (3, True)

    asyncio.run(steps())


@pytest.mark.parametrize("action", ["switch", "boot", "test", "build"])
def test_a_rebuild_plans_and_applies_in_one_call(action: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            door.machine.other_files = "{ edited = true; }"
            path = await door.system("Rebuild", action, {"words": "do it"})
            assert path.startswith(names.TRANSACTION_PREFIX)
            found = await door.end_of(path)
            assert (found["State"], found["Summary"]) == ("done", f"rebuild ({action})")
            assert found["Plan"] == "/"

    asyncio.run(steps())


def test_a_rollback_is_by_number_and_zero_is_the_one_before() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            found = await door.end_of(await door.system("Rollback", 0, {}))
            assert (found["State"], door.machine.default) == ("done", 2)
            found = await door.end_of(await door.system("Rollback", 3, {}))
            assert (found["State"], door.machine.default) == ("done", 3)
            found = await door.end_of(await door.system("Rollback", 9, {}))
            assert found["State"] == "failed"
            assert found["Result"]["error"] == "UnknownGeneration"
            assert found["Result"]["details"] == {"nearest": ["3", "2", "1"]}

    asyncio.run(steps())


@pytest.mark.parametrize(
    ("member", "arguments", "error"),
    [
        ("Rebuild", ("dry-activate", {}), "InvalidChange"),
        ("Rebuild", ("switch", {"force": True}), "InvalidValue"),
        ("Rollback", (2**63, {}), "InvalidChange"),
        ("Rollback", (1, {"words": 5}), "InvalidValue"),
        ("CollectGarbage", ({"keep": -1},), "InvalidChange"),
        ("CollectGarbage", ({"older-than-days": 2**31},), "InvalidChange"),
        ("CollectGarbage", ({"older_than": 5},), "InvalidValue"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_begins(
    member: str, arguments: tuple[Any, ...], error: str
) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match=error):
                await door.system(member, *arguments)
            assert door.heard(ROOT_PATH, "InterfacesAdded") == []

    asyncio.run(steps())


def test_garbage_is_a_plan_that_is_applied_now_or_not_at_all() -> None:
    async def steps() -> None:
        async with opened() as door:
            await door.applied(HELLO)
            path = await door.system("CollectGarbage", {"keep": 1, "words": "tidy up"})
            await until(lambda: bool(door.heard(path, "PropertiesChanged")))
            found = await door.properties(path, PLAN)
            assert (found["Generations"], found["Risk"]) == ([1], "high")
            for mode in ("build", "test", "boot"):
                with pytest.raises(Failed, match="InvalidValue"):
                    await door.call(path, f"{PLAN}.Apply", mode, {})
            (transaction,) = await door.call(path, f"{PLAN}.Apply", "switch", {})
            done = await door.end_of(transaction)
            assert (done["State"], done["Result"]["freed"]) == ("done", 4096)
            with pytest.raises(Failed, match="NothingToDo"):
                await door.call(transaction, f"{TRANSACTION}.Undo")

    asyncio.run(steps())


def test_words_are_understood_with_the_changes_that_they_ask_for() -> None:
    async def steps() -> None:
        async with opened() as door:
            intents, question = await door.call(
                ROOT_PATH, f"{INTENT}.Recognise", "install hello", {}
            )
            assert question == ""
            (found,) = intents
            assert (found["kind"], found["changes"]) == ("install", [HELLO])
            assert found["explanation"]
            intents, question = await door.call(ROOT_PATH, f"{INTENT}.Recognise", "qwertz", {})
            assert intents == []
            assert question

    asyncio.run(steps())


@pytest.mark.parametrize(
    "text", ["x" * 2_001, "x" * 1_000_000, "install\x00 hello", "install \x1b[31mhello", "a\u202eb"]
)
def test_text_that_is_no_words_is_refused_at_the_edge(text: str) -> None:
    async def steps() -> None:
        async with opened() as door:
            with pytest.raises(Failed, match="InvalidText") as refused:
                await door.call(ROOT_PATH, f"{INTENT}.Recognise", text, {})
            assert len(refused.value.message) < 200

    asyncio.run(steps())


def test_an_intent_whose_slots_are_no_names_asks_for_no_change() -> None:
    nasty = Intent(
        IntentKind.INSTALL, {"package": "$(reboot)"}, 0.9, "why", (Intent(IntentKind.HELP),)
    )
    found = intent_to_dict(nasty, "alice")
    assert found["changes"] == []
    assert found["slots"] == {"package": "$(reboot)"}
    assert [other["kind"] for other in found["alternatives"]] == ["help"]


def test_an_option_and_a_package_are_told_in_the_types_of_the_contract() -> None:
    async def steps() -> None:
        async with opened() as door:
            zone = await door.system("DescribeOption", "time.timeZone", {})
            assert zone["value"] == '"Europe/Zurich"'
            place = "/etc/nixos/configuration.nix:13"
            assert zone["definitions"].value == [{"place": place, "value": '"Europe/Zurich"'}]
            assert zone["below"] == ("aa{sv}", [])
            git = await door.system("DescribePackage", "git", {})
            assert (git["version"], git["licences"]) == ("2.51", ["MIT License"])
            assert [item["place"] for item in git["installed"].value] == [
                "/etc/nixos/configuration.nix:3"
            ]

    asyncio.run(steps())


def test_who_asks_about_many_options_at_once_is_told_to_wait_and_nobody_else() -> None:
    async def steps() -> None:
        async with opened() as door:
            gate = door.machine.gates["describer.option"] = asyncio.Event()
            method = f"{names.SYSTEM}.DescribeOption"
            ask = partial(door.send, names.ROOT_PATH, method, "time.timeZone", {})
            waiting = [ask() for _ in range(MAX_QUESTIONS)]
            with pytest.raises(Failed) as caught:
                await door.system("DescribeOption", "time.timeZone", {})
            assert caught.value.name == names.ERROR_PREFIX + "LimitExceeded"
            bobs = ask(sender=BOB)
            gate.set()
            for answer in [*waiting, bobs]:
                assert (await answer)[0]["type"] == "string"

    asyncio.run(steps())
