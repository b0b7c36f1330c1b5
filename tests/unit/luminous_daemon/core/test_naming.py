"""Names that this machine does not know: what may have been meant by them, and who says so."""

from __future__ import annotations

import asyncio

import pytest

from luminous_protocol.changes import AddPackage, Change, Enable, SetOption
from luminous_protocol.errors import EvaluationFailed, RequestError, UnknownOption, UnknownPackage
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


def test_a_slip_of_the_fingers_is_put_right_before_anything_else_is_thought_of(
    bench: Bench,
) -> None:
    bench.machine.meant["helo"] = ("vim", "hello")
    assert refused(bench, AddPackage("helo")).details["nearest"] == ["hello", "vim"]


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


@pytest.mark.parametrize("change", [AddPackage("sx"), Enable("time")])
def test_without_the_mind_all_is_as_if_there_were_none(bench: Bench, change: Change) -> None:
    alone = refused(bench, change)
    assert alone.details["nearest"]
    assert not any("known" in step for step in bench.machine.calls)


def test_a_mind_that_is_asked_does_not_outlive_a_plan_that_fails_otherwise(bench: Bench) -> None:
    async def steps() -> None:
        bench.machine.gates["knowledge.packages_for"] = asyncio.Event()
        bench.machine.trouble("evaluator.nearest_packages", EvaluationFailed("No."))
        with pytest.raises(EvaluationFailed):
            await bench.plan(AddPackage("sx"))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(steps())
