"""Candidates for a name that is not known, or for a purpose: offered, chosen, and planned anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_protocol.errors import MindUnavailable
from tests.unit.luminous_clients.fake_bus import INSTALL, FakeBus, intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said

    Ask = Callable[..., Said]

UNKNOWN: dict[str, Any] = {
    "State": "failed",
    "Failure": {
        "name": "UnknownPackage",
        "message": "There is no package called 'hello'. Did you mean helix or hugo?",
        "details": {"package": "hello", "nearest": ["helix", "hugo", "\x1b[31m"]},
    },
}
PURPOSE = intent("install", category="text editor")


def planned(bus: FakeBus) -> list[Any]:
    """Return what was planned, in order."""
    return [[*call[2]] for call in bus.calls if call[1] == "Plan"]


def finds(*titles: str) -> tuple[list[dict[str, str]]]:
    """Return the answer of a search."""
    return ([{"kind": "package", "title": title, "text": ""} for title in titles],)


def test_what_may_be_meant_is_offered_and_what_is_chosen_is_planned_and_asked_about(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(**UNKNOWN)
    bus.prepare_plan()
    said = ask_on_terminal("install hello", answer="2\nn\n")
    assert said.out.startswith(
        "There is no package called 'hello'. Did you mean helix or hugo?\n"
        "  1  helix\n"
        "  2  hugo\n"
        "Which one? [1-2, or Enter for none] Plan  "
    )
    assert said.out.endswith("Apply? [y/N] ")
    assert planned(bus) == [
        [{"kind": "add-package", "package": "hello"}],
        [{"kind": "add-package", "package": "hugo"}],
    ]
    assert said.code == ExitCode.NOT_CONFIRMED


@pytest.mark.parametrize(
    "answer", ["\n", "", "0\n", "3\n\n", "yes\n0001\n", "9999999999999\n-1\n1\n"]
)
def test_who_chooses_none_gets_none(bus: FakeBus, ask_on_terminal: Ask, answer: str) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(**UNKNOWN)
    said = ask_on_terminal("install hello", answer=answer)
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.err == "ask-nix: None of these was chosen.\nNothing was changed.\n"
    assert len(planned(bus)) == 1


def test_after_a_slip_it_is_asked_once_more(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(**UNKNOWN)
    bus.prepare_plan()
    said = ask_on_terminal("install hello", answer="7\nhugo\nn\n")
    assert said.out.count("Which one?") == 2
    assert planned(bus)[1] == [{"kind": "add-package", "package": "hugo"}]


@pytest.mark.parametrize(("answer", "asked"), [("\n2\n", 1), ("7\nseven\n2\n", 2)])
def test_nobody_is_asked_after_a_no_or_a_third_time(
    bus: FakeBus, ask_on_terminal: Ask, answer: str, asked: int
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(**UNKNOWN)
    said = ask_on_terminal("install hello", answer=answer)
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.out.count("Which one?") == asked


def test_nothing_is_offered_to_who_cannot_be_asked_or_has_approved_beforehand(
    bus: FakeBus, ask: Ask, ask_on_terminal: Ask
) -> None:
    bus.recognise(INSTALL)
    for run, arguments in ((ask, ()), (ask_on_terminal, ("--yes",))):
        bus.prepare_plan(**UNKNOWN)
        said = run("install hello", *arguments)
        assert said.code == ExitCode.REFUSED
        assert "Did you mean helix or hugo?" in said.err


def test_an_option_is_exchanged_in_the_change_that_names_it(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    enable = {"kind": "enable", "target": "ngnix"}
    bus.recognise(intent("enable_service", enable, service="ngnix"), INSTALL)
    details = {"option": "ngnix", "nearest": ["services.nginx.enable"]}
    failure = {"name": "UnknownOption", "message": "There is none.", "details": details}
    bus.prepare_plan(State="failed", Failure=failure)
    bus.prepare_plan()
    said = ask_on_terminal("enable ngnix and install hello", answer="1\nn\n")
    assert "Which one? [1, or Enter for none] " in said.out
    assert planned(bus)[1] == [
        {"kind": "enable", "target": "services.nginx.enable"},
        {"kind": "add-package", "package": "hello"},
    ]


def test_a_purpose_is_answered_with_the_programs_that_there_are_for_it(
    bus: FakeBus, ask: Ask
) -> None:
    bus.recognise(PURPOSE)
    bus.answers["Search"] = finds("micro", "vim", "x\x1b[31m", "two words")
    said = ask("install a text editor", "--json")
    assert said.code == ExitCode.NOT_UNDERSTOOD
    assert said.document()["error"] == {
        "name": "NotUnderstood",
        "message": "Which text editor? The index of this machine has micro and vim. "
        'Say one: ask-nix "install micro"',
        "details": {"nearest": ["micro", "vim"]},
    }
    assert bus.calls[-1][1:] == ("Search", "text editor", {"limit": 5, "kinds": ["package"]})


def test_the_program_that_is_chosen_for_a_purpose_is_planned_and_asked_about(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(PURPOSE)
    bus.answers["Search"] = finds("micro", "vim")
    bus.prepare_plan()
    said = ask_on_terminal("install a text editor", answer="vim\nn\n")
    assert planned(bus) == [[{"kind": "add-package", "package": "vim"}]]
    assert said.code == ExitCode.NOT_CONFIRMED


def test_a_purpose_is_asked_back_where_nothing_can_be_searched(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(PURPOSE)
    bus.answers["Search"] = MindUnavailable("It is dead.")
    said = ask_on_terminal("install a text editor")
    assert said.err == 'ask-nix: Which text editor? Say its name: ask-nix "install NAME"\n'
    assert said.code == ExitCode.NOT_UNDERSTOOD


def test_what_takes_the_place_of_a_package_that_has_gone_is_offered(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(INSTALL)
    details = {"package": "hello", "reason": "renamed", "nearest": ["hallo"]}
    failure = {"name": "PackageRefused", "message": "It has gone.", "details": details}
    bus.prepare_plan(State="failed", Failure=failure)
    bus.prepare_plan()
    ask_on_terminal("install hello", answer="1\nn\n")
    assert planned(bus)[1] == [{"kind": "add-package", "package": "hallo"}]
