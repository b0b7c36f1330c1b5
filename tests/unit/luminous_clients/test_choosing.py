"""Readings of one sentence: asked for once, by number, and never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.exit_codes import ExitCode
from tests.unit.luminous_clients.fake_bus import FakeBus, intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said

    Ask = Callable[..., Said]

QUESTION = "hello: install hello or tell what it is?"
INSTALL = {
    **intent("install", package="hello"),
    "changes": [{"kind": "add-package", "package": "hello"}],
}
EXPLAIN = intent("explain", topic="hello")


def doubtful(bus: FakeBus) -> None:
    """Let a name alone be said, and a number choose the first of its readings."""
    first = {**EXPLAIN, "alternatives": [INSTALL, EXPLAIN]}

    def answer(_path: str, text: str, _options: dict[str, Any]) -> tuple[Any, str]:
        return ([INSTALL], "") if text == "1" else ([first], QUESTION)

    bus.answers["Recognise"] = answer


def test_in_a_terminal_one_numbered_question_is_asked(bus: FakeBus, ask_on_terminal: Ask) -> None:
    doubtful(bus)
    bus.prepare_plan()
    said = ask_on_terminal("hello", answer="1\nn\n")
    assert said.out.startswith(
        f"{QUESTION}\n"
        "  1  install hello\n"
        "  2  explain hello\n"
        "Which one? [1-2, or Enter for none] Plan  "
    )
    assert [call[2] for call in bus.calls if call[1] == "Recognise"] == ["hello", "1"]
    assert said.code == ExitCode.NOT_CONFIRMED


def test_nothing_is_done_where_none_is_chosen(bus: FakeBus, ask_on_terminal: Ask) -> None:
    doubtful(bus)
    said = ask_on_terminal("hello", answer="\n")
    assert not [call for call in bus.calls if call[1] == "Plan"]
    assert said.code == ExitCode.NOT_CONFIRMED


def test_without_a_terminal_the_question_is_the_answer(bus: FakeBus, ask: Ask) -> None:
    doubtful(bus)
    said = ask("hello", "--yes")
    assert QUESTION in said.err
    assert 'for example: ask-nix "install hello"' in said.err
    assert not [call for call in bus.calls if call[1] == "Plan"]


def test_a_number_that_means_another_reading_by_now_chooses_what_was_shown(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    doubtful(bus)
    ask_on_terminal("hello", answer="2\n")
    assert not [call for call in bus.calls if call[1] == "Plan"]
