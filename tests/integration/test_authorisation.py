"""Polkit decides, is asked once and is told what for; without its yes every byte stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN, PROPERTIES, ROOT_PATH, SYSTEM, TRANSACTION, Action
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import (
    default_generation,
    rewritten,
    state_of,
    wait_until,
    with_packages,
)

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.options import AgentMode

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}
FOUR = pytest.mark.parametrize(
    ("mode", "code", "name"),
    [
        ("deny", 5, "NotAuthorized"),
        ("dismiss", 6, "Dismissed"),
        ("none", 7, "NoAgent"),
    ],
)


@FOUR
def test_without_a_yes_every_byte_stays(
    sandbox: Sandbox, mode: AgentMode, code: int, name: str
) -> None:
    before = state_of(sandbox)
    sandbox.set_agent(mode)
    asked = ask(sandbox, "--yes", "install hello")
    assert (asked.code, asked.document["error"]["name"]) == (code, name), asked.document
    (transaction,) = asked.document["transactions"]
    assert transaction["state"] == "failed"
    assert (transaction["result"]["running"], transaction["result"]["default"]) == (
        default_generation(sandbox),
        default_generation(sandbox),
    )
    assert state_of(sandbox) == before


@FOUR
@pytest.mark.parametrize(
    "words", [["rebuild", "boot"], ["rollback", "1"], ["gc"], ["update"], ["enable nginx"]]
)
def test_nothing_that_changes_goes_without_a_yes(
    sandbox: Sandbox, mode: AgentMode, code: int, name: str, words: list[str]
) -> None:
    if default_generation(sandbox) == 1:
        assert ask(sandbox, "--yes", "install", "cowsay").code == 0
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "figlet")):
        before = state_of(sandbox)
        sandbox.set_agent(mode)
        asked = ask(sandbox, "--yes", *words)
        assert (asked.code, asked.document["error"]["name"]) == (code, name), asked.document
        assert state_of(sandbox) == before


def test_the_three_refusals_are_three_sentences(sandbox: Sandbox) -> None:
    sentences = set()
    for mode in ("deny", "dismiss", "none"):
        sandbox.set_agent(mode)
        sentences.add(ask(sandbox, "--yes", "install hello").document["error"]["message"])
    assert len(sentences) == 3
    assert all(sentence.endswith((".", ").")) for sentence in sentences)


def test_the_question_says_what_is_approved_and_comes_once(sandbox: Sandbox) -> None:
    asked_before = len(sandbox.agent_questions())
    assert ask(sandbox, "--yes", "install hello").code == 0
    (question,) = sandbox.agent_questions()[asked_before:]
    assert question["action"] == Action.CHANGE_PACKAGES
    assert question["message"] == ("Authorisation is needed to: install hello 2.12.2 (risk: low)")
    assert ask(sandbox, "--yes", "undo").code == 0


@pytest.mark.parametrize(
    ("words", "action", "message"),
    [
        (["enable", "nginx"], Action.CHANGE_OPTIONS, "switch on services.nginx (risk: low)"),
        (["update"], Action.UPDATE, "update nixos (risk: medium)"),
        (["open port 99"], Action.CHANGE_OPTIONS, "firewall.allowedTCPPorts (risk: medium)"),
        (["install jq and enable nginx"], Action.CHANGE_SEVERAL, "; switch on services.nginx"),
        (["rollback", "1"], Action.ROLLBACK, "switch to generation 1 (risk: medium)"),
        (["gc"], Action.COLLECT_GARBAGE, "This cannot be undone."),
    ],
)
def test_each_purpose_has_its_own_question(
    sandbox: Sandbox, words: list[str], action: Action, message: str
) -> None:
    if default_generation(sandbox) == 1:
        assert ask(sandbox, "--yes", "install", "cowsay").code == 0
    sandbox.set_agent("deny")
    asked_before = len(sandbox.agent_questions())
    assert ask(sandbox, "--yes", *words).code == 5
    (question,) = sandbox.agent_questions()[asked_before:]
    assert question["action"] == action
    assert message in question["message"]


def test_reading_and_planning_ask_nobody(sandbox: Sandbox) -> None:
    asked_before = len(sandbox.agent_questions())
    sandbox.set_agent("none")
    for words in (["status"], ["generations"], ["history"], ["diff", "1", "1"]):
        assert ask(sandbox, *words, user="bob").code == 0
    assert ask(sandbox, "plan", "install hello", user="bob").code == 0
    assert len(sandbox.agent_questions()) == asked_before


def test_bob_needs_an_administrator_and_is_told_apart(sandbox: Sandbox) -> None:
    asked_before = len(sandbox.agent_questions())
    assert ask(sandbox, "--yes", "install figlet", user="bob").code == 0
    (question,) = sandbox.agent_questions()[asked_before:]
    assert question["identities"] == [{"kind": "unix-user", "uid": 1000}]
    newest = ask(sandbox, "history").document["history"][0]
    assert (newest["user"], newest["caller"]) == ("bob", 1001)
    assert "# bob, " in sandbox.path("/etc/nixos/luminous.nix").read_text()
    assert ask(sandbox, "--yes", "undo", newest["id"]).code == 0


def test_a_caller_who_wants_no_question_gets_none(sandbox: Sandbox) -> None:
    before, asked_before = state_of(sandbox), len(sandbox.agent_questions())
    with Client(sandbox) as alice:
        ended = alice.carry_out(HELLO, interactive=False)
    assert ended["Result"]["error"] in {"NoAgent", "NotAuthorized"}
    assert len(sandbox.agent_questions()) == asked_before
    assert state_of(sandbox) == before


def test_a_plan_is_its_owners_alone(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        for owner, other in ((alice, bob), (bob, alice)):
            path = owner.plan(HELLO)
            for call in (
                (path, (PROPERTIES, "GetAll"), ("s", [PLAN])),
                (path, (PROPERTIES, "Get"), ("ss", [PLAN, "Summary"])),
                (path, (PLAN, "Apply"), ("sa{sv}", ["switch", {}])),
                (path, (PLAN, "Discard"), ("", [])),
            ):
                with pytest.raises(Refused) as caught:
                    other.send(*call)
                assert caught.value.name == "NotAuthorized"
                assert "hello" not in caught.value.message
            assert owner.properties(path, PLAN)["State"] == "ready"
    assert state_of(sandbox) == before


def test_nobody_is_told_by_signal_what_a_plan_says(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        bob.signals()
        path = alice.plan({"kind": "add-package", "package": "cowsay"})
        seen = bob.signals(path, "PropertiesChanged")
        assert [signal for signal in seen if signal[0] == path]
        assert "cowsay" not in str(seen)


def test_nobody_else_is_told_by_signal_what_a_change_does(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        bob.signals()
        path = alice.apply(alice.plan({"kind": "add-package", "package": "figlet"}))
        own = alice.signals(path, "Finished", 30)
        assert alice.until(path)["State"] == "done"
        seen = bob.signals()
        states = [body[1].get("State") for where, _, _, body in seen if where == path]
        assert states[-1] == "done"
        assert {name for where, _, name, _ in seen if where == path} == {"PropertiesChanged"}
        assert "figlet" not in str(seen)
        assert {"Progress", "Finished"} <= {name for where, _, name, _ in own if where == path}
        alice.carry_out({"kind": "remove-package", "package": "figlet"})


def test_what_a_build_printed_is_for_its_caller_and_root(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob, Client(sandbox, "root") as root:
        path = alice.apply(alice.plan({"kind": "add-package", "package": "fails-to-build"}))
        ended = alice.until(path)
        assert ended["Result"]["error"] == "BuildFailed"
        assert ended["Result"]["log"]
        assert root.transaction(path)["Result"] == ended["Result"]
        others = bob.transaction(path)
        assert (others["State"], others["Result"]["error"]) == ("failed", "BuildFailed")
        assert (others["Result"]["log"], others["Detail"]["line"]) == ([], "")
        assert "log" not in others["Result"]["details"]


def test_somebody_elses_change_is_cancelled_only_with_a_right_of_its_own(sandbox: Sandbox) -> None:
    sandbox.set_agent("hang")
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        asked = len(sandbox.agent_questions())
        transaction = alice.apply(alice.plan(HELLO))
        wait_until(lambda: len(sandbox.agent_questions()) > asked)
        sandbox.set_agent("deny")
        with pytest.raises(Refused) as caught:
            bob.cancel(transaction)
        assert caught.value.name == "NotAuthorized"
        question = sandbox.agent_questions()[-1]
        assert question["action"] == Action.MANAGE_OTHERS
        assert question["message"].endswith("somebody else started: install hello 2.12.2")
        assert alice.transaction(transaction)["State"] == "authorising"
        with pytest.raises(Refused):
            bob.send(transaction, (TRANSACTION, "Confirm"))
        sandbox.set_agent("allow")
        bob.cancel(transaction)
        assert alice.until(transaction)["State"] == "cancelled"


def test_a_question_goes_away_with_its_change(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    sandbox.set_agent("hang")
    asked = len(sandbox.agent_questions())
    with Client(sandbox) as alice:
        transaction = alice.apply(alice.plan(HELLO))
        wait_until(lambda: len(sandbox.agent_questions()) > asked)
        assert alice.transaction(transaction)["State"] == "authorising"
        alice.cancel(transaction)
        ended = alice.until(transaction)
    assert (ended["State"], ended["Result"]["error"]) == ("cancelled", "Cancelled")
    assert state_of(sandbox) == before
    sandbox.set_agent("allow")
    assert ask(sandbox, "--yes", "install hello").code == 0
    assert ask(sandbox, "--yes", "undo").code == 0


def test_only_root_can_own_the_name(sandbox: Sandbox) -> None:
    code = """
import sys
from jeepney import message_bus
from jeepney.io.blocking import open_dbus_connection
with open_dbus_connection("SYSTEM") as bus:
    reply = bus.send_and_get_reply(message_bus.RequestName("org.luminous1", 4))
    print(reply.header.message_type.name, reply.body[0])
"""
    done = sandbox.run(["python", "-c", code])
    assert done.stdout.startswith("error Connection"), done.stdout
    assert "is not allowed to own the service" in done.stdout
    assert sandbox.run(["python", "-c", code], user="root").stdout == "method_return 3\n"


def test_a_second_daemon_leaves_the_first_alone(sandbox: Sandbox) -> None:
    second = sandbox.run(["luminousd"], user="root")
    assert second.returncode == 1
    assert "has an owner already" in second.stderr
    assert "Traceback" not in second.stderr
    with Client(sandbox) as alice:
        assert alice.properties(ROOT_PATH, SYSTEM)["Busy"] is False


def test_root_is_asked_nothing(sandbox: Sandbox) -> None:
    asked = len(sandbox.agent_questions())
    with Client(sandbox, "root") as root:
        path = root.plan(HELLO)
        assert root.until(root.apply(path))["State"] == "done"
    assert len(sandbox.agent_questions()) == asked
    assert ask(sandbox, "--yes", "remove hello").code == 0
