"""The terminal: when it asks, draws and colours, and what a poor encoding gets."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.terminal import Streams, Terminal
from tests.unit.luminous_clients.conftest import Tty

if TYPE_CHECKING:
    from typing import TextIO


def terminal(source: TextIO | None = None, out: TextIO | None = None, **manners: bool) -> Terminal:
    return Terminal(Streams(source or Tty(), out or Tty(), Tty()), **manners)


@pytest.fixture(autouse=True)
def capable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with a terminal that can do everything."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_terminal_is_drawn_on_and_coloured() -> None:
    assert terminal().paint("x", "red") == "\x1b[31mx\x1b[0m"
    assert (terminal().is_live, terminal().is_interactive) == (True, True)


@pytest.mark.parametrize("variable", ["NO_COLOR=1", "TERM=dumb", "TERM="])
def test_the_environment_can_turn_colours_off(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(*variable.split("="))
    assert terminal().paint("x", "red") == "x"


def test_the_command_line_can_turn_colours_off() -> None:
    assert terminal(wants_colour=False).paint("x", "red") == "x"
    assert terminal(wants_colour=False).is_live


def test_a_pipe_is_neither_drawn_on_nor_coloured() -> None:
    piped = terminal(out=io.StringIO())
    assert (piped.is_live, piped.has_colour, piped.is_interactive) == (False, False, True)


def test_nobody_is_asked_without_a_keyboard_or_when_json_is_wanted() -> None:
    assert not terminal(source=io.StringIO()).is_interactive
    assert not terminal(is_quiet=True).is_interactive


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_a_reader_that_is_lost_stops_nothing(number: int) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(number, "gone")

    lost = terminal(out=Full())
    lost.say("a")
    lost.flush()
    lost.say("b")
    lost.flush()
    assert isinstance(lost.lost, OSError)
    assert not lost.is_live


def test_json_keeps_standard_output_and_error_free() -> None:
    quiet = terminal(is_quiet=True)
    quiet.say("a")
    quiet.complain("b")
    quiet.trace("c")
    assert isinstance(quiet.out, Tty)
    assert isinstance(quiet.err, Tty)
    assert (quiet.out.getvalue(), quiet.err.getvalue()) == ("", "c\n")


def test_a_question_goes_where_the_person_sees_it() -> None:
    piped = terminal(source=Tty("y\n"), out=io.StringIO())
    assert piped.ask("Apply? ") == "y"
    assert isinstance(piped.err, Tty)
    assert piped.err.getvalue() == "Apply? "


def test_an_encoding_without_arrows_gets_ascii() -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii", errors="ask-nix") as out:
        out.write("1 → 2 · “x”… 日")
        out.flush()
        assert raw.getvalue() == b'1 -> 2 - "x"... ?'
