"""Names that this machine does not know: what may have been meant by them, and who says so."""

from __future__ import annotations

import asyncio

import pytest

from luminous_protocol.changes import AddPackage, Change, Disable, Enable, SetOption, UnsetOption
from luminous_protocol.errors import (
    EvaluationFailed,
    PackageRefused,
    RequestError,
    UnknownOption,
    UnknownPackage,
)
from tests.unit.luminous_daemon.carrying_out import Bench


@pytest.fixture
def bench() -> Bench:
    """Give a machine to plan on."""
    return Bench()


def refused(bench: Bench, change: Change) -> RequestError:
    """Return why there is no plan for a change."""
    with pytest.raises(RequestError) as caught:
        asyncio.run(bench.plan(change))
    assert isinstance(caught.value, UnknownPackage | UnknownOption)
    return caught.value


def test_what_is_meant_by_a_purpose_is_told_before_what_is_only_written_alike(bench: Bench) -> None:
    bench.machine.meant["software-shop"] = ("steam", "discord")
    error = refused(bench, AddPackage("software-shop"))
    assert error.message == (
        "There is no package called 'software-shop'. Did you mean steam, discord or shattered?"
    )
    assert error.details == {
        "package": "software-shop",
        "nearest": ["steam", "discord", "shattered"],
    }


def test_a_slip_of_the_fingers_is_put_right_and_nothing_else_is_thought_of(
    bench: Bench,
) -> None:
    bench.machine.meant["helo"] = ("vim", "hello")
    assert refused(bench, AddPackage("helo")).details["nearest"] == ["hello"]


def test_only_names_that_this_machine_knows_are_told(bench: Bench) -> None:
    bench.machine.meant["zzz"] = ("kdenlive", "jq", "jq; reboot", "\x1b[31mjq", "")
    assert refused(bench, AddPackage("zzz")).details["nearest"] == ["jq"]


def test_of_what_is_to_be_switched_on_only_switches_are_told(bench: Bench) -> None:
    bench.machine.meant["zzz"] = ("networking.hostName", "services.nginx.enable")
    assert refused(bench, Enable("zzz")).details["nearest"] == ["services.nginx.enable"]
    bench.machine.meant["zzz.zzz"] = ("networking.hostName", "users.users.<name>.shell")
    assert refused(bench, SetOption("zzz.zzz", 1)).details["nearest"] == ["networking.hostName"]


def test_no_more_names_are_told_than_people_read(bench: Bench) -> None:
    bench.machine.meant["zzz"] = ("jq", "hello", "vim", "git", "firefox", "steam", "discord")
    assert len(refused(bench, AddPackage("zzz")).details["nearest"]) == 5


def test_what_stands_for_a_package_that_has_gone_is_told_where_it_is_known_here(
    bench: Bench,
) -> None:
    with pytest.raises(PackageRefused) as refusal:
        asyncio.run(bench.plan(AddPackage("oldjq")))
    assert refusal.value.message == (
        "nixpkgs refuses oldjq: 'oldjq' has gone. Try `jq` or 'qj'. "
        "To install that: ask-nix install jq"
    )
    assert refusal.value.details["replacement"] == "jq"
    assert refusal.value.details["nearest"] == ["jq"]
    with pytest.raises(PackageRefused, match=r"it was renamed to newname$"):
        asyncio.run(bench.plan(AddPackage("oldname")))


@pytest.mark.parametrize(
    "change", [SetOption("sound.card.enable", value=True), Enable("sound.card")]
)
def test_an_option_that_was_renamed_is_told_by_its_new_name(bench: Bench, change: Change) -> None:
    error = refused(bench, change)
    assert error.message == (
        "sound.card.enable has been renamed. It is called hardware.bluetooth.enable now."
    )
    assert error.details["nearest"] == ["hardware.bluetooth.enable"]
    bench.machine.meant["zzz.z"] = ("sound.card.enable",)
    assert refused(bench, Enable("zzz.z")).details["nearest"] == ["hardware.bluetooth.enable"]


@pytest.mark.parametrize("change", [SetOption("sound.enable", value=True), Enable("sound")])
def test_an_option_that_has_gone_says_what_nixos_says(bench: Bench, change: Change) -> None:
    error = refused(bench, change)
    assert error.message == "NixOS says: The option `sound.enable' is gone. Leave it away."
    assert error.details["nearest"] == []


def test_an_old_name_that_luminous_has_written_can_still_be_changed_and_taken_back(
    bench: Bench,
) -> None:
    bench.machine.text = bench.machine.text.replace(
        "  ];", "    { sound.card.enable = true; } # alice, 2025-11-21 00:55:20 UTC: sound\n  ];"
    )
    prepared = asyncio.run(bench.plan(Disable("sound.card")))
    assert prepared.plan.summary == "switch off sound.card"
    asyncio.run(bench.plan(UnsetOption("sound.card.enable")))


def test_a_mind_that_is_asked_does_not_outlive_a_plan_that_fails_otherwise(bench: Bench) -> None:
    async def steps() -> None:
        bench.machine.gates["knowledge.packages_for"] = asyncio.Event()
        bench.machine.trouble("evaluator.nearest_packages", EvaluationFailed("No."))
        with pytest.raises(EvaluationFailed):
            await bench.plan(AddPackage("sx"))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(steps())
