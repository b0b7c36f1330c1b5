"""Whatever ends in the middle, a client, a build or the daemon itself: nothing is half done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    has_program,
    processes,
    running_system,
    state_of,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]
RESTARTS = pytest.mark.outlives("the module's sandbox owns the daemon that is started again")

SLOW = {"kind": "add-package", "package": "slow-build"}
JOURNAL = "/var/lib/luminous/journal.jsonl"


@pytest.fixture(autouse=True)
def unbuilt(sandbox: Sandbox) -> Iterator[None]:
    """Let the slow package be built anew; afterwards the daemon runs and its log is clean."""
    sandbox.run(["sh", "-c", "nix-store --delete /nix/store/*-slow-build-1.8.0"], user="root")
    yield
    assert sandbox.daemon_is_running
    assert "Traceback" not in sandbox.daemon_log


def no_builder_is_left(sandbox: Sandbox) -> bool:
    """Tell whether no build of the slow package runs any more."""
    return not any("slow-build" in line or "nix-store" in line for line in processes(sandbox))


def build_slowly(client: Client, sandbox: Sandbox) -> str:
    """Begin a change and return its transaction when the slow package is being built."""
    path = client.apply(client.plan(SLOW))
    wait_until(lambda: "slow-build" in client.transaction(path)["Detail"]["package"])
    assert not no_builder_is_left(sandbox)
    return path


def activate_slowly(client: Client, sandbox: Sandbox, package: str, seconds: int = 2) -> str:
    """Begin a change and return its transaction when the new system is being activated."""
    sandbox.set_knob("slow-switch", str(seconds))
    path = client.apply(client.plan({"kind": "add-package", "package": package}))
    wait_until(lambda: client.transaction(path)["Phase"] == "activating")
    wait_until(lambda: any(line == "test" for line in processes(sandbox)))
    return path


def changes_work(sandbox: Sandbox, package: str) -> None:
    """Check that the next change works, and take it back."""
    assert ask(sandbox, "--yes", f"install {package}").code == 0
    assert_is_system(sandbox, default_generation(sandbox))
    assert ask(sandbox, "--yes", "undo").code == 0


def start_again(sandbox: Sandbox) -> None:
    """Start the daemon; who asks while it still recovers gets the answer afterwards."""
    sandbox.start_daemon()
    assert ask(sandbox, "status").code == 0


def newest(sandbox: Sandbox) -> tuple[str, str]:
    """Return state and error of the newest transaction."""
    found = ask(sandbox, "history").document["history"][0]
    return found["state"], found["error"]


def test_cancelling_a_build_leaves_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        path = build_slowly(alice, sandbox)
        alice.cancel(path)
        ended = alice.until(path)
    assert (ended["State"], ended["Result"]["error"]) == ("cancelled", "Cancelled")
    assert ended["Result"]["message"] == "Cancelled. Nothing was changed."
    wait_until(lambda: no_builder_is_left(sandbox), 3)
    assert state_of(sandbox) == before
    assert newest(sandbox) == ("cancelled", "Cancelled")
    changes_work(sandbox, "hello")


def test_cancelling_twice_or_too_late_is_named(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        path = activate_slowly(alice, sandbox, "bat", 1)
        asked = ask(sandbox, "cancel", path.rpartition("/")[2])
        assert asked.document["error"]["name"] == "TooLate"
        assert alice.until(path)["State"] == "done"
    sandbox.clear_knob("slow-switch")
    assert ask(sandbox, "--yes", "undo").code == 0


@RESTARTS
def test_a_daemon_that_is_asked_to_stop_in_a_build_stops_the_build(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        build_slowly(alice, sandbox)
        started = time.monotonic()
        assert sandbox.stop_daemon() == 0
        assert time.monotonic() - started < 5
    wait_until(lambda: no_builder_is_left(sandbox), 3)
    assert state_of(sandbox) == before
    start_again(sandbox)
    assert newest(sandbox) in {("cancelled", "Cancelled"), ("failed", "Interrupted")}
    assert state_of(sandbox) == before
    changes_work(sandbox, "hello")


@RESTARTS
def test_a_daemon_that_is_asked_to_stop_in_a_switch_finishes_it(sandbox: Sandbox) -> None:
    before = default_generation(sandbox)
    with Client(sandbox) as alice:
        activate_slowly(alice, sandbox, "figlet", 1)
        assert sandbox.stop_daemon() == 0
    assert_is_system(sandbox, before + 1)
    assert has_program(sandbox, "figlet")
    start_again(sandbox)
    assert newest(sandbox) == ("done", "")
    sandbox.clear_knob("slow-switch")
    assert ask(sandbox, "--yes", "undo").code == 0


@RESTARTS
def test_a_daemon_that_is_killed_in_a_build_has_changed_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        build_slowly(alice, sandbox)
        sandbox.kill_daemon()
    wait_until(lambda: no_builder_is_left(sandbox), 6)
    start_again(sandbox)
    assert state_of(sandbox) == before
    assert newest(sandbox) == ("failed", "Interrupted")
    changes_work(sandbox, "hello")


@RESTARTS
def test_a_daemon_that_is_killed_in_a_switch_goes_back_when_that_has_ended(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        activate_slowly(alice, sandbox, "btop", 2)
        sandbox.kill_daemon()
    # The switch itself lives on: it is never cut in half.
    assert any(line == "test" for line in processes(sandbox))
    sandbox.clear_knob("slow-switch")
    start_again(sandbox)
    assert not any(line == "test" for line in processes(sandbox))
    assert state_of(sandbox) == before
    assert newest(sandbox) == ("failed", "Interrupted")
    changes_work(sandbox, "hello")


@RESTARTS
def test_a_switch_that_fails_after_the_daemon_was_killed_is_put_back_whole(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    sandbox.set_knob("switch-fails")
    with Client(sandbox) as alice:
        activate_slowly(alice, sandbox, "helix", 1)
        sandbox.kill_daemon()
    wait_until(lambda: not any(line == "test" for line in processes(sandbox)))
    # It failed half-way: /etc is the new system's, what runs is said to be the old one.
    assert state_of(sandbox).static != before.static
    assert running_system(sandbox) == before.running
    start_again(sandbox)
    assert state_of(sandbox) == before
    assert newest(sandbox) == ("failed", "Interrupted")


@RESTARTS
def test_a_daemon_that_is_asked_to_stop_does_not_wait_for_a_confirmation(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "add-package", "package": "gh"}), confirm_within=600)
        alice.until(path, "confirming")
        assert sandbox.stop_daemon() == 0
    assert state_of(sandbox) == before
    start_again(sandbox)
    assert newest(sandbox)[0] in {"failed", "cancelled"}


@RESTARTS
def test_a_second_daemon_does_not_recover_what_the_first_is_doing(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        path = activate_slowly(alice, sandbox, "ripgrep", 2)
        second = sandbox.run(["luminousd"], user="root")
        assert second.returncode == 1
        assert "has an owner already" in second.stderr
        assert alice.until(path)["State"] == "done"
    assert has_program(sandbox, "rg") or has_program(sandbox, "ripgrep")
    sandbox.clear_knob("slow-switch")
    assert ask(sandbox, "--yes", "undo").code == 0


@RESTARTS
def test_plans_and_their_clients_survive_no_restart_but_are_told(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "add-package", "package": "hello"})
        assert sandbox.stop_daemon() == 0
        start_again(sandbox)
        with pytest.raises(Exception, match="UnknownObject"):
            alice.apply(plan)
