"""The audit record, whole: who asked for what, who allowed it, and what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import Action
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import state_of, wait_until

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.options import AgentMode
    from luminous_sandbox.users import UserName

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

FILE = "/var/lib/luminous/audit.jsonl"
HELLO = {"kind": "add-package", "package": "hello"}


def entries(sandbox: Sandbox, *arguments: str, user: UserName = "root") -> list[dict[str, Any]]:
    """Return the entries that a user sees, newest first."""
    asked = ask(sandbox, "history", "--audit", "--limit", "500", *arguments, user=user)
    assert asked.code == 0, asked.document
    found: list[dict[str, Any]] = asked.document["audit"]
    return found


def verified(sandbox: Sandbox) -> dict[str, Any]:
    """Return what root's verification says."""
    found: dict[str, Any] = ask(sandbox, "history", "--verify", user="root").document[
        "verification"
    ]
    return found


def test_a_change_and_its_way_back_are_on_record_from_the_words_to_the_generation(
    sandbox: Sandbox,
) -> None:
    assert ask(sandbox, "--yes", "install hello").code == 0
    ended, decided, asked = entries(sandbox)[:3]
    assert (asked["words"], asked["user"], asked["uid"]) == ("install hello", "alice", 1000)
    assert asked["changes"] == [HELLO]
    assert "python" in asked["program"] or "ask-nix" in asked["program"]
    assert (decided["decision"], decided["by"]) == ("allowed", "polkit")
    assert (decided["asked_person"], decided["action"]) == (True, Action.CHANGE_PACKAGES)
    assert ended["state"] == "done"
    assert ended["toplevel"] == str(sandbox.path("/run/current-system").readlink())
    assert len({entry["transaction"] for entry in (asked, decided, ended)}) == 1
    assert len({entry["plan"] for entry in (asked, decided, ended)}) == 1
    newest = ask(sandbox, "history").document["history"][0]
    assert (newest["id"], newest["generation"]) == (ended["transaction"], ended["generation"])
    assert ask(sandbox, "--yes", "undo").code == 0
    assert entries(sandbox)[2]["words"].startswith("undo: install hello")
    found = verified(sandbox)
    assert (found["intact"], found["entries"]) == (True, entries(sandbox)[0]["sequence"])
    assert f"[audit record {found['entries']} {found['last']}]" in sandbox.daemon_log


@pytest.mark.parametrize(
    ("mode", "decision"), [("deny", "denied"), ("dismiss", "dismissed"), ("none", "no-agent")]
)
def test_what_was_not_allowed_is_on_record_too(
    sandbox: Sandbox, mode: AgentMode, decision: str
) -> None:
    sandbox.set_agent(mode)
    assert ask(sandbox, "--yes", "install hello").code != 0
    ended, decided, asked = entries(sandbox)[:3]
    assert (asked["event"], decided["decision"], ended["state"]) == ("asked", decision, "failed")


def test_bob_sees_his_own_entries_and_those_of_all_with_an_administrators_password(
    sandbox: Sandbox,
) -> None:
    assert ask(sandbox, "--yes", "install hello").code == 0
    assert ask(sandbox, "--yes", "undo").code == 0
    asked_before = len(sandbox.agent_questions())
    sandbox.set_agent("deny")
    assert {entry["uid"] for entry in entries(sandbox, user="bob")} <= {1001}
    assert {entry["uid"] for entry in entries(sandbox, user="alice")} == {1000}
    assert len(sandbox.agent_questions()) == asked_before
    for words in (("--audit", "--everybody"), ("--verify",)):
        refused = ask(sandbox, "history", *words, user="bob")
        assert (refused.code, refused.document["error"]["name"]) == (5, "NotAuthorized")
        assert "audit" not in refused.document
    assert sandbox.agent_questions()[-1]["action"] == Action.READ_AUDIT
    sandbox.set_agent("allow")
    assert 1000 in {entry["uid"] for entry in entries(sandbox, "--everybody", user="bob")}
    assert ask(sandbox, "history", "--verify", user="bob").code == 0


def test_interfering_with_somebody_elses_change_is_on_record(sandbox: Sandbox) -> None:
    sandbox.set_agent("hang")
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        asked = len(sandbox.agent_questions())
        transaction = alice.apply(alice.plan(HELLO))
        wait_until(lambda: len(sandbox.agent_questions()) > asked)
        sandbox.set_agent("deny")
        with pytest.raises(Refused):
            bob.cancel(transaction)
        sandbox.set_agent("allow")
        bob.cancel(transaction)
        assert alice.until(transaction)["State"] == "cancelled"
    ended, decided, allowed, denied, begun = entries(sandbox)[:5]
    assert [entry["event"] for entry in (ended, decided, allowed, denied, begun)] == [
        *("ended", "decided", "managed", "managed", "asked")
    ]
    assert (denied["decision"], allowed["decision"]) == ("denied", "allowed")
    assert (allowed["deed"], allowed["user"], allowed["owner_user"]) == ("cancel", "bob", "alice")
    assert decided["decision"] == "cancelled"
    assert allowed in entries(sandbox, user="bob")


def test_no_secret_reaches_the_record_or_the_log(sandbox: Sandbox) -> None:
    sandbox.set_agent("deny")
    words = "set users.users.alice.password to hunter2hunter2"
    ask(sandbox, "--yes", words)
    with Client(sandbox) as alice:
        change = {
            "kind": "set-option",
            "option": "users.users.alice.initialPassword",
            "value": "hunter2hunter2",
        }
        plan = alice.system("Plan", "aa{sv}a{sv}", [change], {"words": words})
        wait_until(lambda: alice.properties(plan, "org.luminous1.Plan")["State"] != "preparing")
        if alice.properties(plan, "org.luminous1.Plan")["State"] == "ready":
            alice.until(alice.apply(plan))
    assert "hunter2" not in sandbox.path(FILE).read_text()
    assert "hunter2" not in sandbox.daemon_log
    assert "[redacted]" in str(entries(sandbox)[:3])


def test_no_secret_is_told_to_others_who_read_the_history(sandbox: Sandbox) -> None:
    sandbox.set_agent("allow")
    words = "set users.users.bob.initialPassword to hunter2hunter2"
    done = ask(sandbox, "--yes", words)
    assert done.code == 0, done.stderr
    for user in ("alice", "bob"):
        for told in ("history", "generations", "status"):
            assert "hunter2" not in str(ask(sandbox, told, user=user)), (user, told)
    line = next(
        line
        for line in sandbox.path("/etc/nixos/luminous.nix").read_text().splitlines()
        if "initialPassword" in line
    )
    assert line.count("hunter2hunter2") == 1, line
    assert ask(sandbox, "--yes", "undo").code == 0


def test_whatever_is_changed_in_the_file_is_found_and_named(sandbox: Sandbox) -> None:
    sandbox.set_agent("deny")
    for _ in range(2):
        ask(sandbox, "--yes", "install hello")
    sandbox.set_agent("allow")
    file = sandbox.path(FILE)
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    entry = json.loads(lines[-5])
    other = {**entry, "decision": "allowed"}
    forged = json.dumps(other, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    number = entry["sequence"]
    for spoilt, problem in (
        ([*lines[:-5], forged, *lines[-4:]], f"Entry {number} was changed, or entry"),
        ([*lines[:-5], *lines[-4:]], f"Entry {number} is missing."),
        (lines[:-1], f"Entry {number + 4} was the newest, and the file ends with"),
        ([*lines[:-5], lines[-5][:-20] + b"\n", *lines[-4:]], f"What follows entry {number - 1}"),
    ):
        file.write_bytes(b"".join(spoilt))
        broken = ask(sandbox, "history", "--verify", user="root")
        assert (broken.code, broken.document["error"]["name"]) == (16, "RecordBroken")
        assert broken.document["verification"]["problem"].startswith(problem)
    file.write_bytes(whole)
    assert verified(sandbox)["intact"] is True


@pytest.mark.outlives("the module's sandbox owns the daemon that is started again")
def test_a_line_that_a_crash_has_cut_off_is_told_of_by_the_next_daemon(sandbox: Sandbox) -> None:
    sandbox.set_agent("deny")
    ask(sandbox, "--yes", "install hello")
    file = sandbox.path(FILE)
    assert sandbox.stop_daemon() == 0
    with file.open("ab") as opened:
        opened.write(b'{"event":"asked","prev')
    sandbox.start_daemon()
    found = verified(sandbox)
    assert (found["intact"], found["repaired"]) == (True, 1)
    assert entries(sandbox)[0]["event"] == "repaired"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.outlives("the module's sandbox owns the daemon that is started again")
def test_the_ends_that_a_killed_daemon_did_not_record_are_recorded_by_the_next(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    sandbox.set_agent("hang")
    with Client(sandbox) as alice:
        asked = len(sandbox.agent_questions())
        alice.apply(alice.plan(HELLO))
        wait_until(lambda: len(sandbox.agent_questions()) > asked)
        sandbox.kill_daemon()
    sandbox.set_agent("allow")
    sandbox.set_knob("slow-switch", "2 always")
    sandbox.start_daemon()
    ended, begun = entries(sandbox)[:2]
    assert (begun["event"], ended["event"], ended["late"]) == ("asked", "ended", True)
    assert (ended["error"], ended["uid"]) == ("Interrupted", 1000)
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan(HELLO))
        alice.until(path, "activating")
        sandbox.kill_daemon()
    sandbox.clear_knob("slow-switch")
    sandbox.start_daemon()
    recovered = entries(sandbox)[0]
    assert (recovered["event"], recovered["state"]) == ("recovered", "failed")
    assert state_of(sandbox).configuration == before.configuration
    assert verified(sandbox)["intact"] is True
