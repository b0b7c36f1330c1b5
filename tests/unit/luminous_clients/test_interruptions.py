"""Interruptions: Ctrl-C at every stage, somebody who leaves, a daemon that vanishes."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.errors import DaemonAbsent, DaemonLost
from luminous_protocol.errors import TooLate
from tests.unit.luminous_clients.fake_bus import (
    INSTALL,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]


def test_ctrl_c_while_planning_throws_the_plan_away(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.events[:] = [lambda: signal.raise_signal(signal.SIGINT)]
    assert ask("install hello", "-y") == (
        ExitCode.CANCELLED,
        "",
        "ask-nix: Cancelled while planning.\nNothing was changed.\n",
    )
    assert bus.members() == ["Recognise", "Plan", "Discard"]


def test_ctrl_c_while_building_cancels_and_waits_for_the_end(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        state("building"),
        lambda: signal.raise_signal(signal.SIGINT),
        state="cancelled",
        message="Cancelled by alice.",
        running=11,
        default=11,
    )
    said = ask("install hello", "-y")
    assert said.out.endswith("Building\nCancelling…\n")
    assert said.err == (
        "ask-nix: Cancelled by alice.\n"
        "Nothing was changed. Generation 11 is running and starts at boot.\n"
    )
    assert said.code == ExitCode.CANCELLED
    assert bus.calls[-1] == ("t1", "Cancel")


def test_ctrl_c_while_activating_says_that_it_is_too_late(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(state("activating"), lambda: signal.raise_signal(signal.SIGINT))
    said = ask("install hello", "-y")
    assert "cannot be cancelled any more" in said.out
    assert "\nDone: install hello. " in said.out
    assert "Cancel" not in bus.members()


def test_a_cancel_that_comes_too_late_is_said_too(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(state("building"), lambda: signal.raise_signal(signal.SIGINT))
    bus.answers["Cancel"] = TooLate("It is being activated.")
    said = ask("install hello", "-y")
    assert "Cancelling…\nWhat you approved is being put in force" in said.out
    assert said.code == 0


def test_an_agent_that_the_same_ctrl_c_has_ended_is_no_refusal(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        lambda: signal.raise_signal(signal.SIGINT),
        state="failed",
        error="NotAuthorized",
        message="polkit does not allow it.",
    )
    bus.answers["Cancel"] = TooLate("It is over already.")
    said = ask("install hello", "-y")
    assert said.code == ExitCode.CANCELLED
    assert "cannot be cancelled" not in said.out
    assert said.err.startswith("ask-nix: Cancelled. Nothing was changed.\n")


def test_a_second_ctrl_c_leaves_and_says_what_goes_on(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.begin_transaction(
        state("activating"),
        lambda: signal.raise_signal(signal.SIGINT),
        lambda: signal.raise_signal(signal.SIGINT),
    )
    said = ask("install hello", "-y")
    assert said.code == ExitCode.LEFT
    assert said.err == (
        "ask-nix: Left.\n"
        "The change goes on without this terminal. Look with: ask-nix status · "
        "take it back with: ask-nix undo\n"
    )


def test_a_signal_to_end_cancels_what_can_be_cancelled(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        lambda: signal.raise_signal(signal.SIGTERM), state="cancelled", running=11, default=11
    )
    assert ask("install hello", "-y").code == ExitCode.CANCELLED
    assert bus.calls[-1] == ("t1", "Cancel")


@pytest.mark.parametrize(
    ("number", "at", "says"),
    [
        (signal.SIGTERM, "activating", "The change goes on without this terminal."),
        (signal.SIGHUP, "building", "The change goes on without this terminal."),
        (signal.SIGHUP, "authorising", "Permission was still being asked for"),
    ],
)
def test_a_signal_to_end_says_truly_what_goes_on(
    bus: FakeBus, ask: Ask, number: int, at: str, says: str
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.begin_transaction(state(at), lambda: signal.raise_signal(number))
    said = ask("install hello", "-y")
    assert said.code == ExitCode.LEFT
    assert says in said.err


def test_ctrl_c_while_a_yes_is_waited_for_puts_back_at_once(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        state("confirming"), lambda: signal.raise_signal(signal.SIGINT), state="cancelled"
    )
    said = ask("install hello", "--confirm-within", "5m", "-y")
    assert "\nPutting back the system from before…\n" in said.out
    assert bus.calls[-1] == ("t1", "Cancel")


def test_a_daemon_that_has_gone_when_it_is_asked_again_was_lost(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.begin_transaction(state("activating"), DaemonAbsent("The daemon is not running."))
    said = ask("install hello", "-y")
    assert said.code == ExitCode.DAEMON_ABSENT
    assert "goes on without the daemon" in said.err


def test_a_daemon_that_vanishes_is_noticed_and_said_exactly(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.begin_transaction(state("building"), DaemonLost("The Luminous daemon has left the bus."))
    said = ask("install hello", "-y")
    assert said.code == ExitCode.DAEMON_ABSENT
    assert said.err == (
        "ask-nix: The Luminous daemon has left the bus.\n"
        "It was still building: the running system is untouched. When the daemon starts again "
        "it puts everything in order. Look with: ask-nix status\n"
    )


def test_what_was_put_back_but_for_a_part_is_never_said_to_have_changed_nothing(
    bus: FakeBus, ask: Ask
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    message = "Cancelled. Everything else was put back as it was; the inputs were left alone."
    bus.prepare_transaction(
        state("confirming"),
        state="cancelled",
        error="Cancelled",
        message=message,
        running=11,
        default=11,
        **{"put-back": True},
    )
    said = ask("install hello", "-y")
    assert "Nothing was changed" not in said.err
    assert said.err.endswith("Generation 11 is running and starts at boot.\n")
