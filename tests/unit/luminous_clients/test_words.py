"""Words from beginning to end: what ask-nix prints, calls and returns, against a scripted bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.connection import Signal
from luminous_protocol.errors import Busy, Expired, NotReady
from luminous_protocol.names import TRANSACTION
from tests.unit.luminous_clients.fake_bus import (
    INSTALL,
    SECOND_READING,
    TRANSACTION_PATH,
    intent,
    progress,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

PLAN = """\
Plan           install hello
Configuration  --- luminous.nix
               +++ luminous.nix
               @@ -3,0 +4 @@
               +  hello
Packages       + hello 2.12.1
Size           812.5 MiB → about 812.6 MiB (+100.0 KiB)
Build          2 derivations: hello-2.12.1, system-path
Services       none affected
Reboot         not needed
Risk           low
"""

DONE = (
    "Done: install hello. Generation 12 is running and starts at boot. "
    "Take it back with: ask-nix undo\n"
)


def test_an_approved_plan_is_shown_applied_and_followed(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        state("building"),
        progress("building", 0.0, done=0, expected=2, running=1, package="hello-2.12.1"),
        progress("building", 50.0, done=1, expected=2, running=1, package="system-path"),
        state("activating", Phase="activating"),
    )
    said = ask("install", "hello", "--yes")
    assert said.out == (
        PLAN
        + "Waiting for authorisation\n"
        + "Building\n"
        + "Building · hello-2.12.1 · 0/2 built\n"
        + "Building · system-path · 1/2 built\n"
        + "Activating\n"
        + DONE
    )
    assert (said.code, said.err) == (0, "")
    assert bus.calls == [
        ("luminous1", "Recognise", "install hello", {}),
        (
            "luminous1",
            "Plan",
            ({"kind": "add-package", "package": "hello"},),
            {"words": "install hello", "build": False},
        ),
        ("p1", "Apply", "switch", {"wait": False}),
        ("luminous1", "ListTransactions", {"limit": 8}),
    ]
    assert bus.is_closed


def test_a_change_without_a_way_back_promises_none(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction()
    bus.answers["ListTransactions"] = ([{"path": TRANSACTION_PATH, "undoable": False}],)
    said = ask("install hello", "-y")
    assert said.out.endswith("Generation 12 is running and starts at boot.\n")


def test_a_reboot_that_is_left_to_do_is_said_at_the_end(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(RebootRequired=True, RebootReason="the kernel changes")
    bus.prepare_transaction()
    said = ask("install hello", "-y")
    assert " at boot. Reboot to complete it: the kernel changes. Take it back " in said.out


def test_options_reach_the_daemon(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction()
    ask("install hello", "--build", "--test", "--wait", "--confirm-within", "5m", "-y")
    assert bus.calls[1][3] == {"words": "install hello", "build": True}
    assert bus.calls[2] == ("p1", "Apply", "test", {"wait": True, "confirm-within": 300})


def test_a_dry_run_shows_the_plan_and_throws_it_away(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    said = ask("--dry-run", "install hello")
    assert said == (0, PLAN + "This is only the plan; nothing was changed.\n", "")
    assert bus.members() == ["Recognise", "Plan", "Discard"]


def test_nothing_is_applied_where_nobody_can_be_asked(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    said = ask("install hello")
    assert (said.code, said.out) == (ExitCode.NOT_CONFIRMED, PLAN)
    assert said.err == (
        "ask-nix: Not applied: nobody can be asked here. Add --yes to apply it.\n"
        "Nothing was changed.\n"
    )
    assert bus.members() == ["Recognise", "Plan", "Discard"]


@pytest.mark.parametrize("answer", ["", "n\n", "no\n", "yess\n"])
def test_any_other_answer_than_yes_changes_nothing(
    bus: FakeBus, ask_on_terminal: Ask, answer: str
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    said = ask_on_terminal("install hello", answer=answer)
    assert said == (
        ExitCode.NOT_CONFIRMED,
        PLAN + "Apply? [y/N] ",
        "ask-nix: Not applied.\nNothing was changed.\n",
    )
    assert bus.members()[-1] == "Discard"


@pytest.mark.parametrize("answer", ["y\n", "Yes\n"])
def test_yes_applies(bus: FakeBus, ask_on_terminal: Ask, answer: str) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction()
    said = ask_on_terminal("install hello", answer=answer)
    assert said == (0, f"{PLAN}Apply? [y/N] Waiting for authorisation\n{DONE}", "")


def test_a_high_risk_wants_the_whole_word(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(Risk="high")
    said = ask_on_terminal("install hello", answer="y\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.out.endswith(
        "Risk           high\nThis cannot simply be taken back. Type yes to apply: "
    )


def test_words_that_say_nothing_get_the_question_back(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(question="Do you want something installed?")
    assert ask("purple") == (
        ExitCode.NOT_UNDERSTOOD,
        "",
        "ask-nix: Do you want something installed?\n",
    )


def test_explain_says_why(bus: FakeBus, ask: Ask) -> None:
    other = {"kind": "search", "slots": {"query": "hello"}, "confidence": 0.4}
    bus.recognise(INSTALL | {"alternatives": [other]})
    bus.prepare_plan()
    said = ask("--explain", "--dry-run", "install hello")
    assert said.out == (
        "Understood as  install package=hello (97% sure)\n"
        "Because        The words begin like install.\n"
        "Or             search query=hello (40% sure)\n"
        f"{PLAN}This is only the plan; nothing was changed.\n"
    )


def test_a_guess_is_shown_as_one(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL | {"alternatives": [SECOND_READING]})
    bus.prepare_plan()
    said = ask("install helo", "--dry-run")
    assert said.out.startswith("Guessed        install package=hello (97% sure)\nPlan  ")


def test_yes_approves_no_guess(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL | {"alternatives": [SECOND_READING]})
    said = ask("install helo", "--yes")
    assert (said.code, bus.members()) == (ExitCode.NOT_CONFIRMED, ["Recognise"])
    assert said.err.startswith("ask-nix: That is only a guess, and --yes approves no guesses: ")


def test_a_guess_is_asked_about_in_spite_of_yes(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.recognise(INSTALL | {"alternatives": [SECOND_READING]})
    bus.prepare_plan()
    said = ask_on_terminal("install helo", "--yes", answer="n\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.out.endswith("Apply? [y/N] ")


def test_a_plan_that_fails_says_why_and_nothing_is_left(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(
        State="failed",
        Failure={
            "name": "UnknownPackage",
            "message": "There is no package helo. Did you mean hello?",
            "details": {"nearest": ["hello"]},
        },
    )
    said = ask("install helo", "--yes", "--json")
    assert said.code == ExitCode.REFUSED
    assert said.document()["error"] == {
        "name": "UnknownPackage",
        "message": "There is no package helo. Did you mean hello?",
        "details": {"nearest": ["hello"]},
    }


def test_a_failed_build_shows_the_end_of_the_log_and_what_is_true(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        state="failed",
        error="BuildFailed",
        message="hello-2.12.1 does not build.",
        running=11,
        default=11,
        log=["cc main.c", "main.c:1: \x1b[31merror\x1b[0m: no"],
        details={"derivation": "/nix/store/x-hello.drv"},
    )
    said = ask("install hello", "-y")
    assert said.err == (
        "ask-nix: hello-2.12.1 does not build.\n"
        "Last lines of the log:\n"
        "  cc main.c\n"
        "  main.c:1: error: no\n"
        "Generation 11 is running and starts at boot.\n"
    )
    assert said.code == ExitCode.BUILD_FAILED


def test_a_failed_activation_says_that_it_was_put_back(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(
        state("activating"),
        state="failed",
        error="ActivationFailed",
        message="nginx.service did not start.",
        running=11,
        default=11,
        **{"put-back": True},
    )
    said = ask("install hello", "-y")
    assert said.err == (
        "ask-nix: nginx.service did not start.\n"
        "The system from before was put back. Generation 11 is running and starts at boot.\n"
    )
    assert said.code == ExitCode.ACTIVATION_FAILED


@pytest.mark.parametrize(
    ("error", "code"),
    [("NotAuthorized", 5), ("Dismissed", 6), ("NoAgent", 7), ("Drifted", 10), ("Busy", 11)],
)
def test_refusals_have_a_code_of_their_own(bus: FakeBus, ask: Ask, error: str, code: int) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(state="failed", error=error, message="No.", running=11, default=11)
    assert ask("install hello", "-y").code == code


def test_apply_itself_can_be_refused(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.answers["Apply"] = Expired("The plan is too old. Make a new one.")
    said = ask("install hello", "-y")
    assert (said.code, said.err) == (10, "ask-nix: The plan is too old. Make a new one.\n")


def test_several_changes_become_one_plan_and_garbage_another(bus: FakeBus, ask: Ask) -> None:
    remove = intent("remove", {"kind": "remove-package", "package": "vim"})
    garbage = intent("garbage_collect", {"kind": "collect-garbage"})
    bus.recognise(INSTALL, remove, garbage)
    for _ in range(2):
        bus.prepare_plan()
    assert ask("--dry-run", "install hello, remove vim and clean up").code == 0
    assert [[change["kind"] for change in call[2]] for call in bus.calls if call[1] == "Plan"] == [
        ["add-package", "remove-package"],
        ["collect-garbage"],
    ]


def test_after_a_failure_the_rest_is_named_and_not_done(bus: FakeBus, ask: Ask) -> None:
    garbage = intent("garbage_collect", {"kind": "collect-garbage"})
    bus.recognise(INSTALL, garbage, intent("list_generations"))
    bus.answers["Plan"] = Busy("Another change is being made.")
    said = ask("install hello, clean up and list generations", "-y")
    assert (said.code, said.out) == (ExitCode.BUSY, "")
    assert said.err == (
        "ask-nix: Another change is being made.\n"
        "Not done: collect garbage.\n"
        "Not done: list generations.\n"
    )


def test_what_is_so_already_is_no_failure(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan(
        State="failed",
        Failure={"name": "NothingToDo", "message": "hello is installed.", "details": {}},
    )
    assert ask("install hello") == (0, "hello is installed.\n", "")


def test_words_that_are_not_utf8_never_reach_the_bus(bus: FakeBus, ask: Ask) -> None:
    said = ask("install h\udce9llo")
    assert (said.code, bus.calls) == (ExitCode.REFUSED, [])
    assert said.err == "ask-nix: The words hold bytes that are not UTF-8 text.\n"


def test_a_transaction_that_is_gone_at_its_end_is_told_from_its_signals(
    bus: FakeBus, ask: Ask
) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.begin_transaction(
        lambda: bus.objects.pop(TRANSACTION_PATH),
        Signal(TRANSACTION_PATH, TRANSACTION, "Finished", ("done", "Done.")),
    )
    said = ask("install hello", "-y")
    assert said.code == 0
    assert said.out.endswith("\nDone: install hello. Take it back with: ask-nix undo\n")


def test_json_is_one_document_with_everything(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.prepare_transaction(state("building"))
    said = ask("install", "hello", "--json", "--yes")
    found = said.document()
    assert (said.code, said.err) == (0, "")
    assert list(found) == [
        "ok",
        "exit_code",
        "text",
        "question",
        "intents",
        "plans",
        "transactions",
        "not_done",
        "answers",
        "error",
    ]
    assert found["ok"] is True
    assert found["intents"] == [INSTALL]
    assert found["plans"][0]["closure"]["builds"] == ["hello-2.12.1", "system-path"]
    assert found["transactions"][0]["result"]["put_back"] is False
    assert found["error"] is None


def test_json_never_asks(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    said = ask_on_terminal("install hello", "--json", answer="y\n")
    assert said.code == ExitCode.NOT_CONFIRMED
    assert said.document()["error"]["name"] == "NotConfirmed"
    assert said.document()["plans"][0]["summary"] == "install hello"


def test_debug_tells_the_back_end_and_the_stages(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    bus.answers["Status"] = ({"backend": "native", "nix": "2.26.3"},)
    said = ask("install hello", "--dry-run", "--debug")
    back_end, *stages = said.err.splitlines()
    assert back_end == "back end: native, Nix 2.26.3"
    assert [line.split()[0] for line in stages] == ["connect", "recognise", "plan"]


def test_the_agent_asks_for_nothing_while_json_is_wanted(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Describe"] = bus.answers["Search"] = NotReady("There is no index.")
    bus.recognise(intent("explain", topic="$(reboot)"))
    said = ask("explain $(reboot)", "--json")
    assert said.code == ExitCode.REFUSED
    assert said.document()["error"]["name"] == "NotPossible"
    assert "reboot" not in said.document()["error"]["message"]
