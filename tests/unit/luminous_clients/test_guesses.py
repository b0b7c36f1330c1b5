"""Guesses from beginning to end: what is only like a request is asked about before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.exit_codes import ExitCode
from tests.unit.luminous_clients.fake_bus import INSTALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

GUESSED = "Do you want to install hello?"


def test_what_is_only_guessed_is_asked_about_before_a_plan_is_made(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(INSTALL, question=GUESSED)
    said = ask_on_terminal("hello would be nice", answer="n\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert GUESSED in said.out
    assert bus.members() == ["Recognise"]


def test_a_guess_that_is_meant_becomes_a_plan_like_any_other(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.recognise(INSTALL, question=GUESSED)
    bus.prepare_plan()
    said = ask_on_terminal("hello would be nice", answer="y\nn\n")
    assert "Plan           install hello" in said.out
    assert bus.members() == ["Recognise", "Plan", "Discard"]


def test_yes_beforehand_approves_no_guess(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL, question=GUESSED)
    said = ask("hello would be nice", "--yes")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert f"{GUESSED} Nobody can be asked here" in said.err
    assert bus.members() == ["Recognise"]


def test_every_reason_for_a_reading_is_told_when_it_is_asked_for(bus: FakeBus, ask: Ask) -> None:
    reasons = [
        {"layer": "semantic", "text": "it is like 'get me hello'", "weight": 0.91},
        {"layer": "slots", "text": "'hello' is read from 'Hello'", "weight": 1.0},
    ]
    bus.recognise({**INSTALL, "reasons": reasons})
    bus.prepare_plan()
    said = ask("hello", "there", "--explain", "--dry-run")
    assert "semantic: it is like 'get me hello' (91%)" in said.out
    assert "slots: 'hello' is read from 'Hello'\n" in said.out
    assert bus.calls[0] == ("luminous1", "Recognise", "hello there", {"explain": True})
