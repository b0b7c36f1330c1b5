"""Two clients at once: one works, the other is told or waits, and nothing is interleaved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN, ROOT_PATH, SYSTEM
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    has_program,
    own_lines,
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

SLOW = {"kind": "add-package", "package": "slow-build"}
HELLO = {"kind": "add-package", "package": "hello"}


@pytest.fixture(autouse=True)
def tidy(sandbox: Sandbox) -> Iterator[None]:
    """Take away what a test has installed."""
    before = own_lines(sandbox)
    yield
    with Client(sandbox, "root") as root:
        for line in set(own_lines(sandbox)) - set(before):
            name = line.partition("pkgs.")[2].partition(" ")[0]
            root.carry_out({"kind": "remove-package", "package": name}, wait=True)
    # What is built already does not build slowly again.
    sandbox.run(["sh", "-c", "nix-store --delete /nix/store/*-slow-build-1.8.0"], user="root")


def begin_slowly(client: Client, sandbox: Sandbox) -> str:
    """Begin a change whose activation takes two seconds; return when it is being activated."""
    sandbox.set_knob("slow-switch", "2 always")
    path = client.apply(client.plan({"kind": "add-package", "package": "cowsay"}))
    assert client.until(path, "activating")["State"] == "activating"
    return path


def test_a_second_change_is_told_that_the_machine_is_busy(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        plan = bob.plan(HELLO)
        first = begin_slowly(alice, sandbox)
        assert bob.properties(ROOT_PATH, SYSTEM)["Busy"] is True
        status = bob.system("Status")
        assert (status["busy"], status["transaction"]) == (True, first)
        with pytest.raises(Refused) as caught:
            bob.apply(plan)
        assert caught.value.name == "Busy"
        assert bob.properties(plan, PLAN)["State"] == "ready"
        assert alice.until(first)["State"] == "done"
        assert bob.properties(ROOT_PATH, SYSTEM)["Busy"] is False


def test_ask_nix_says_busy_and_with_wait_it_waits(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice, ThreadPoolExecutor() as pool:
        before = default_generation(sandbox)
        # Planned on what is there before the first change: with a plan in hand, not behind it.
        first = alice.apply(alice.plan(SLOW))
        alice.until(first, "building")
        refused = ask(sandbox, "--yes", "install hello", user="bob")
        assert (refused.code, refused.document["error"]["name"]) == (11, "Busy")
        waiting = pool.submit(ask, sandbox, "--yes", "--wait", "install hello", user="bob")
        assert alice.until(first)["State"] == "done"
        waited = waiting.result()
    # What it had planned did not hold any more when its turn came, so it planned again.
    assert (waited.code, len(waited.document["plans"])) == (0, 2), waited.document
    assert has_program(sandbox, "hello")
    assert_is_system(sandbox, before + 2)


def test_changes_that_wait_run_one_after_another(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        plans = [alice.plan({"kind": "add-package", "package": name}) for name in ("fd", "jq")]
        transactions = [alice.apply(plan, wait=True) for plan in plans]
        ends = [alice.until(transaction) for transaction in transactions]
        states = sorted((end["State"], end["Result"]["error"]) for end in ends)
        assert states == [("done", ""), ("failed", "Drifted")]
        signals = [s for s in alice.signals() if s[2] == "PropertiesChanged"]
    begun: list[str] = []
    for path, _, _, body in signals:
        if path in transactions and body[1].get("State") == "activating":
            begun.append(path)
    assert len(set(begun)) == 1
    assert_is_system(sandbox, default_generation(sandbox))


def test_a_direct_rebuild_waits_and_plans_when_its_turn_has_come(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        first = begin_slowly(alice, sandbox)
        sandbox.clear_knob("slow-switch")
        second = alice.system("Rollback", "ta{sv}", 1, {"wait": True})
        assert alice.until(first)["State"] == "done"
        ended = alice.until(second)
    assert (ended["State"], ended["Result"]["error"]) in {("done", ""), ("failed", "Drifted")}
    assert_is_system(sandbox, default_generation(sandbox))


def test_a_client_that_leaves_does_not_stop_its_change(sandbox: Sandbox) -> None:
    with Client(sandbox) as leaving:
        transaction = leaving.apply(leaving.plan(HELLO))
        leaving.until(transaction, "building", "activating")
    with Client(sandbox) as alice:
        assert alice.until(transaction)["State"] == "done"
    assert has_program(sandbox, "hello")


def test_many_clients_at_once_leave_one_order(sandbox: Sandbox) -> None:
    names = ["hello", "figlet", "fd", "jq"]
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda name: ask(sandbox, "--yes", f"install {name}"), names))
    done = [name for name, one in zip(names, asked, strict=True) if one.code == 0]
    others = {one.document["error"]["name"] for one in asked if one.code != 0}
    assert done
    assert others <= {"Busy", "Drifted"}
    assert [name for name in names if has_program(sandbox, name)] == done
    assert_is_system(sandbox, default_generation(sandbox))


def test_another_program_that_switches_is_not_disturbed(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    lock = "/run/nixos/switch-to-configuration.lock"
    with sandbox.popen(["flock", lock, "sleep", "60"], user="root") as other:
        with Client(sandbox) as alice:
            ended = alice.carry_out(HELLO)
            assert "Writing" not in str(alice.signals()), "it is seen before anything is written"
        other.terminate()
        sandbox.run(["pkill", "-x", "sleep"], user="root")
    assert (ended["State"], ended["Result"]["error"]) == ("failed", "Busy")
    assert "Another program is switching the system" in ended["Result"]["message"]
    assert state_of(sandbox) == before


def test_a_nixos_rebuild_whose_unit_systemd_knows_is_not_disturbed(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    # Where systemd runs, it keeps the transient unit there for as long as that lives.
    unit = sandbox.path("/run/systemd/transient/nixos-rebuild-switch-to-configuration.service")
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.touch()
    with Client(sandbox) as alice:
        plan = alice.plan(HELLO)
        refused = alice.until(alice.apply(plan))
        built = alice.carry_out(HELLO, mode="build")
        unit.unlink()
    assert (refused["State"], refused["Result"]["error"]) == ("failed", "Busy")
    assert built["State"] == "done", "building disturbs nobody"
    assert state_of(sandbox) == before


def test_nobody_is_asked_any_more_for_a_client_that_has_left(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    sandbox.set_agent("hang")
    asked = len(sandbox.agent_questions())
    with Client(sandbox) as leaving:
        transaction = leaving.apply(leaving.plan(HELLO))
        wait_until(lambda: len(sandbox.agent_questions()) > asked)
    with Client(sandbox) as alice:
        assert alice.until(transaction)["State"] == "cancelled"
    assert state_of(sandbox) == before
