"""ask-nix on a real terminal, against the real daemon, polkit and Nix: what a person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.users import ALICE_PASSWORD

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.terminal import Terminal

pytestmark = [
    pytest.mark.integration,
    # What a person sees does not depend on the version of Nix.
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

PLAIN = {"TERM": "dumb", "COLUMNS": "100"}
LIVE = {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
SHOW_CURSOR = "\x1b[?25h"


def asked(sandbox: Sandbox, *words: str, env: dict[str, str] | None = None) -> Terminal:
    """Start ask-nix on a terminal as alice."""
    return sandbox.terminal(["ask-nix", *words], env=env or PLAIN)


def luminous_file(sandbox: Sandbox) -> str:
    """Return the text of Luminous's own file."""
    return sandbox.path("/etc/nixos/luminous.nix").read_text(encoding="utf-8")


def test_a_change_is_asked_for_and_said_in_one_last_line(sandbox: Sandbox) -> None:
    with asked(sandbox, "install", "hello") as terminal:
        terminal.expect("Apply? [y/N] ")
        assert "pkgs.hello" not in luminous_file(sandbox)
        terminal.send("y\n")
        assert terminal.wait() == 0
        *_, progress, last = terminal.output.splitlines()
    assert "pkgs.hello" in luminous_file(sandbox)
    assert progress == "Making it the default"
    assert last.startswith("Done: install hello 2.")
    assert last.endswith("is running and starts at boot. Take it back with: ask-nix undo")


def test_the_password_is_asked_for_where_no_agent_is(sandbox: Sandbox) -> None:
    sandbox.set_agent("none")
    with asked(sandbox, "install wget") as terminal:
        terminal.expect("Apply? [y/N] ")
        terminal.send("y\n")
        terminal.expect("Authorisation is needed to: install wget")
        terminal.send_hidden(f"{ALICE_PASSWORD}\n")
        assert terminal.wait() == 0
        assert "Done: install wget" in terminal.output


def test_a_wrong_password_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.set_agent("none")
    before = luminous_file(sandbox)
    with asked(sandbox, "install curl") as terminal:
        terminal.expect("Apply? [y/N] ")
        terminal.send("y\n")
        terminal.expect("Password: ")
        terminal.send_hidden("not this one\n")
        assert terminal.wait() == 5
    assert luminous_file(sandbox) == before


def test_ctrl_c_at_the_password_gives_the_terminal_back(sandbox: Sandbox) -> None:
    sandbox.set_agent("none")
    line = "ask-nix install curl; echo $?; stty -a | grep -o ' -\\?echo '"
    with sandbox.terminal(["bash", "-ic", line], env=PLAIN) as terminal:
        terminal.expect("Apply? [y/N] ")
        terminal.send("y\n")
        terminal.expect("Password: ")
        terminal.send_hidden("\x03")
        terminal.wait()
        ending = terminal.output.rpartition("Password: ")[2]
    assert "\nCancelling…\n" in ending
    assert ending.rstrip().endswith("130\n echo")


def test_ctrl_c_while_building_changes_nothing(sandbox: Sandbox) -> None:
    before = luminous_file(sandbox)
    with asked(sandbox, "install slow-build", "--yes") as terminal:
        terminal.expect("slow-build-1.8.0 (buildPhase)")
        terminal.send("\x03")
        terminal.expect("\nCancelling…\n")
        assert terminal.wait() == 130
        assert "\nask-nix: Cancelled. Nothing was changed.\n" in terminal.output
    assert luminous_file(sandbox) == before


def test_live_progress_leaves_nothing_but_the_last_line(sandbox: Sandbox) -> None:
    with asked(sandbox, "install slow-build", env=LIVE) as terminal:
        terminal.expect("Apply? [y/N] ")
        terminal.send("y\n")
        terminal.expect("slow-build-1.8.0 (buildPhase)")
        terminal.expect("Activating")
        assert terminal.wait() == 0
        drawn, _, rest = terminal.output.rpartition(SHOW_CURSOR)
    assert "/3 built" in drawn
    assert rest.partition("Done: ")[0].strip("\r\x1b[0123456789AK") == ""


def test_ctrl_c_at_the_question_changes_nothing(sandbox: Sandbox) -> None:
    with asked(sandbox, "install curl") as terminal:
        terminal.expect("Apply? [y/N] ")
        terminal.send("\x03")
        assert terminal.wait() == 130
        assert terminal.output.endswith("\nask-nix: Cancelled.\nNothing was changed.\n")


def test_ctrl_c_while_activating_is_too_late_and_says_so(sandbox: Sandbox) -> None:
    sandbox.set_knob("slow-switch", "2")
    with asked(sandbox, "install jq", "--yes") as terminal:
        terminal.expect("\nActivating\n")
        terminal.send("\x03")
        terminal.expect("that cannot be cancelled any more")
        assert terminal.wait() == 0
        assert "\nDone: install jq" in terminal.output


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130)])
def test_a_change_with_a_time_limit_asks_whether_to_keep_it(
    sandbox: Sandbox, answer: str, code: int
) -> None:
    package = {"y": "bat", "n": "fzf"}[answer]
    with asked(sandbox, "install", package, "--yes", "--confirm-within", "3") as terminal:
        terminal.expect("The new system is running. Keep it? [y/N] ")
        terminal.send(f"{answer}\n")
        assert terminal.wait() == code
    assert (package in luminous_file(sandbox)) is (answer == "y")


def test_what_fails_to_build_shows_the_log_and_what_is_true(sandbox: Sandbox) -> None:
    with asked(sandbox, "install fails-to-build", "--yes") as terminal:
        assert terminal.wait() == 8
        said = terminal.output
    assert "\nLast lines of the log:\n" in said
    assert "\n  make: *** [Makefile:17: parser.o] Error 1\n" in said
    assert said.endswith(" is running and starts at boot.\n")


@pytest.mark.outlives("the daemon that is killed is started anew for the tests that follow")
def test_a_daemon_that_is_killed_is_noticed_at_once(sandbox: Sandbox) -> None:
    sandbox.set_knob("slow-switch", "5")
    with asked(sandbox, "install fd", "--yes") as terminal:
        terminal.expect("\nActivating\n")
        sandbox.kill_daemon()
        assert terminal.wait(timeout=3.0) == 12
        assert "ask-nix: The Luminous daemon has left the bus.\n" in terminal.output
        assert "goes on without the daemon" in terminal.output
    sandbox.start_daemon()


def test_nothing_of_a_package_name_reaches_a_shell_or_the_terminal(sandbox: Sandbox) -> None:
    for name in ("$(reboot)", "../../etc/shadow", 'a"; b', "a\nb", "x\x1b[2Jy", "`id`"):
        done = sandbox.run(["ask-nix", "--yes", f"install {name}"])
        assert done.returncode in {3, 4}, (name, done)
        assert done.stdout == ""
        assert "\x1b" not in done.stderr


def test_words_of_a_megabyte_and_bytes_that_are_no_text_are_refused(sandbox: Sandbox) -> None:
    long = sandbox.run(["ask-nix", "install " + "x" * 100_000])
    assert (long.returncode, long.stdout) == (4, "")
    raw = sandbox.run(["bash", "-c", "ask-nix $'install \\xff\\xfe'"])
    assert (raw.returncode, raw.stdout) == (4, "")
    assert raw.stderr == "ask-nix: The words hold bytes that are not UTF-8 text.\n"


def test_a_reader_that_leaves_ends_it_quietly(sandbox: Sandbox) -> None:
    done = sandbox.run(["bash", "-c", "ask-nix generations | true; echo ${PIPESTATUS[0]}"])
    assert done.stderr == ""
    assert done.stdout in {"0\n", "1\n"}


def test_without_a_daemon_it_says_how_to_start_one(sandbox: Sandbox) -> None:
    done = sandbox.run(
        ["ask-nix", "status"], env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
    )
    assert done.returncode == 12
    assert "sudo systemctl start luminousd" in done.stderr


def test_a_name_alone_is_one_numbered_question_and_it_then_means_what_was_chosen(
    sandbox: Sandbox,
) -> None:
    before = luminous_file(sandbox)
    with asked(sandbox, "--dry-run", "ripgrep") as terminal:
        terminal.expect("ripgrep: install ripgrep or tell what it is?")
        terminal.expect("Which one? [1-2, or Enter for none] ")
        terminal.send("1\n")
        assert terminal.wait() == 0
        assert "Plan           install ripgrep" in terminal.output
    with asked(sandbox, "--dry-run", "--explain", "and", "tree", "too") as terminal:
        assert terminal.wait() == 0
        assert "Understood as  install package=tree" in terminal.output
        assert "Grounds        package: among the best known names" in terminal.output
    assert luminous_file(sandbox) == before
