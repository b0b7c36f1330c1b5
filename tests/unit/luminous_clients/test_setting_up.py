"""The setup: a verb of its own, and what comes first where a change cannot be planned without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from tests.unit.luminous_clients.fake_bus import INSTALL, TRANSACTION_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

SETUP = ("luminous1", "Plan", [{"kind": "import-file"}], {"words": "setup", "build": False})
FIRST = "First of all: your configuration does not import /etc/nixos/luminous.nix yet.\n"
TO_RUN = "There is no /etc/nixos/luminous.nix yet. Run: ask-nix setup"


def not_imported(bus: FakeBus, message: str = TO_RUN, **details: str) -> None:
    """Let the next plan fail for want of the import."""
    found = {"file": "/etc/nixos/luminous.nix"} | details
    failure = {"name": "NotImported", "message": message, "details": found}
    bus.prepare_plan(State="failed", Failure=failure)


def first_run(bus: FakeBus, *, is_change_agreed: bool = True) -> None:
    """Let a change fail, the setup succeed, and the change succeed if it is agreed to."""
    bus.recognise(INSTALL)
    not_imported(bus)
    bus.prepare_plan(Summary="import /etc/nixos/luminous.nix")
    bus.prepare_transaction()
    bus.prepare_plan(Summary="install hello")
    if is_change_agreed:
        bus.prepare_transaction()

    def begins(*_: object) -> tuple[str]:
        bus.objects[TRANSACTION_PATH] = {"State": "authorising"}
        return (TRANSACTION_PATH,)

    bus.answers["Apply"] = begins


def test_setup_is_a_plan_that_is_applied_when_agreed(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_plan(Summary="import /etc/nixos/luminous.nix")
    bus.prepare_transaction()
    bus.answers["ListTransactions"] = ([{"path": TRANSACTION_PATH, "undoable": False}],)
    said = ask("setup", "--yes")
    assert said.code == ExitCode.DONE
    assert said.out.endswith(
        "Done: import /etc/nixos/luminous.nix. Generation 12 is running and starts at boot.\n"
    )
    assert bus.calls[:2] == [SETUP, ("p1", "Apply", "switch", {"wait": False})]


def test_setup_where_it_is_done_says_so(bus: FakeBus, ask: Ask) -> None:
    failure = {"name": "NothingToDo", "message": "Luminous is set up already.", "details": {}}
    bus.prepare_plan(State="failed", Failure=failure)
    assert ask("setup") == (ExitCode.DONE, "Luminous is set up already.\n", "")


def test_setup_that_is_to_be_done_by_hand_shows_the_patch(bus: FakeBus, ask: Ask) -> None:
    patch = "--- a.nix\n+++ a.nix\n@@ -1 +1 @@\n-{ }\n+{ \x1b[31mx }\n"
    not_imported(bus, "It is not edited.", line="./luminous.nix", patch=patch)
    said = ask("setup", "--yes")
    assert said.code == ExitCode.REFUSED
    assert said.err == (
        "ask-nix: It is not edited.\n  --- a.nix\n  +++ a.nix\n  @@ -1 +1 @@\n  -{ }\n  +{ x }\n"
    )
    assert bus.calls == [SETUP]


def test_on_a_terminal_the_setup_is_asked_for_first(bus: FakeBus, ask_on_terminal: Ask) -> None:
    first_run(bus)
    said = ask_on_terminal("install hello", answer="y\ny\n")
    assert said.code == ExitCode.DONE
    assert said.out.startswith(FIRST + "Plan           import /etc/nixos/luminous.nix\n")
    assert said.out.count("Apply? [y/N] ") == 2
    assert [call[2][0]["kind"] for call in bus.calls if call[1] == "Plan"] == [
        "add-package",
        "import-file",
        "add-package",
    ]


def test_yes_agrees_to_both_and_shows_both(bus: FakeBus, ask: Ask) -> None:
    first_run(bus)
    said = ask("install hello", "--yes", "--confirm-within", "9", "--test")
    assert said.code == ExitCode.DONE
    assert said.out.count("Plan           ") == 2
    assert [call for call in bus.calls if call[1] == "Apply"] == [
        ("p1", "Apply", "switch", {"wait": False}),
        ("p1", "Apply", "test", {"wait": False, "confirm-within": 9}),
    ]


def test_yes_with_json_does_both_in_one_document(bus: FakeBus, ask: Ask) -> None:
    first_run(bus)
    found = ask("install hello", "--yes", "--json").document()
    assert (found["exit_code"], found["error"]) == (ExitCode.DONE, None)


def test_who_does_not_agree_to_the_setup_gets_nothing(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.recognise(INSTALL)
    not_imported(bus)
    bus.prepare_plan()
    said = ask_on_terminal("install hello", answer="n\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.err == "ask-nix: Not applied.\nNothing was changed.\n"
    assert bus.members() == ["Recognise", "Plan", "Plan", "Discard"]


def test_who_agrees_to_the_setup_only_is_told_that_it_stays(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    first_run(bus, is_change_agreed=False)
    said = ask_on_terminal("install hello", answer="y\nn\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.err.endswith(
        "ask-nix: Not applied.\nThe import was made, and nothing else was changed.\n"
    )


@pytest.mark.parametrize("options", [(), ("--json",), ("--json", "--dry-run")])
def test_where_nobody_can_be_asked_the_error_says_what_to_run(
    bus: FakeBus, ask: Ask, options: tuple[str, ...]
) -> None:
    bus.recognise(INSTALL)
    not_imported(bus)
    said = ask("install hello", *options)
    assert said.code == ExitCode.REFUSED
    assert "Run: ask-nix setup" in (said.out if options else said.err)
    assert bus.members() == ["Recognise", "Plan"]


@pytest.mark.parametrize("line", [("--dry-run", "install hello"), ("plan", "install", "hello")])
def test_a_dry_run_shows_the_setup_and_what_comes_after_it(
    bus: FakeBus, ask: Ask, line: tuple[str, ...]
) -> None:
    bus.recognise(INSTALL)
    not_imported(bus)
    bus.prepare_plan()
    said = ask(*line)
    assert said.code == ExitCode.DONE
    assert said.out.startswith(FIRST)
    assert said.out.endswith(
        "This is only the plan; nothing was changed.\n"
        "What you asked for can be planned after that.\n"
    )
    assert bus.members() == ["Recognise", "Plan", "Plan", "Discard"]


def test_a_setup_that_cannot_be_is_the_error_that_is_told(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    not_imported(bus)
    not_imported(bus, "Its imports are not one plain list.", patch="+++ a.nix\n")
    said = ask("install hello", "--yes")
    assert said.code == ExitCode.REFUSED
    assert said.err == "ask-nix: Its imports are not one plain list.\n  +++ a.nix\n"


def test_a_setup_that_somebody_else_has_just_done_is_passed_over(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    not_imported(bus)
    failure = {"name": "NothingToDo", "message": "Luminous is set up already.", "details": {}}
    bus.prepare_plan(State="failed", Failure=failure)
    bus.prepare_plan()
    bus.prepare_transaction()
    assert ask("install hello", "--yes").code == ExitCode.DONE


def test_a_change_that_fails_again_after_the_setup_is_not_set_up_twice(
    bus: FakeBus, ask: Ask
) -> None:
    first_run(bus)
    del bus.events[3:]
    not_imported(bus)
    assert ask("install hello", "--yes").code == ExitCode.REFUSED
    assert bus.members().count("Apply") == 1
