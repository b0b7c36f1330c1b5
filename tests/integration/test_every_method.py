"""Every method of the contract: what polkit refuses is refused by name, and changes nothing."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from luminous_protocol.names import (
    ERROR_PREFIX,
    EXPLAIN,
    INTENT,
    INTROSPECTABLE,
    KNOWLEDGE,
    OBJECT_MANAGER,
    PEER,
    PLAN,
    PROPERTIES,
    ROOT_PATH,
    SYSTEM,
    TRANSACTION,
    Action,
)
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import (
    default_generation,
    rewritten,
    state_of,
    wait_until,
    with_packages,
)
from tests.integration.polkit_rules import ALL, refusing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

Method = tuple[str, str]
FIGLET = {"kind": "add-package", "package": "figlet"}
NGINX = {"kind": "enable", "target": "nginx"}
ANSWERED, REFUSED = "answered", "NotAuthorized"
JOURNAL = "/var/lib/luminous/journal.jsonl"

ARGUMENTS: dict[Method, list[Any]] = {
    (INTENT, "Recognise"): ["install hello", {}],
    (INTENT, "Forget"): [{}],
    (SYSTEM, "Plan"): [[FIGLET], {}],
    (SYSTEM, "Rebuild"): ["switch", {}],
    (SYSTEM, "Rollback"): [1, {}],
    (SYSTEM, "CollectGarbage"): [{}],
    (SYSTEM, "ListGenerations"): [],
    (SYSTEM, "CompareGenerations"): [1, 1],
    (SYSTEM, "DescribeOption"): ["time.timeZone", {}],
    (SYSTEM, "DescribePackage"): ["hello", {}],
    (SYSTEM, "ListTransactions"): [{}],
    (SYSTEM, "ListAudit"): [{}],
    (SYSTEM, "VerifyAudit"): [{}],
    (SYSTEM, "Status"): [],
    (KNOWLEDGE, "Search"): ["video editor", {}],
    (KNOWLEDGE, "Describe"): ["option", "time.timeZone", {}],
    (KNOWLEDGE, "ExplainError"): ["error: undefined variable 'words'", {}],
    (KNOWLEDGE, "Status"): [],
    (KNOWLEDGE, "Ingest"): ["", {}],
    (EXPLAIN, "Why"): ["htop", {}],
    (EXPLAIN, "Disk"): [{}],
    (EXPLAIN, "Changes"): [{}],
    (EXPLAIN, "Unit"): ["nginx", {}],
    (EXPLAIN, "Health"): [{}],
    (PLAN, "Apply"): ["switch", {}],
    (PLAN, "Discard"): [],
    (TRANSACTION, "Cancel"): [],
    (TRANSACTION, "Confirm"): [],
    (TRANSACTION, "Undo"): [],
    (INTROSPECTABLE, "Introspect"): [],
    (PEER, "Ping"): [],
    (PEER, "GetMachineId"): [],
    (OBJECT_MANAGER, "GetManagedObjects"): [],
}
"""Valid arguments for each method; those of the properties' depend on the object."""

OPEN = {(INTROSPECTABLE, "Introspect"), (PEER, "Ping"), (PEER, "GetMachineId")}
"""What says nothing of the machine that the contract does not say."""

OTHERWISE: dict[tuple[str, Method], str] = {
    ("own plan", (PLAN, "Discard")): ANSWERED,
}
"""What is not refused: it is one's own, and lets go of something."""


@dataclass(frozen=True)
class Scene:
    """Objects of every kind: bob's plan and alice's, alice's transactions."""

    objects: dict[str, str]


@pytest.fixture
def scene(sandbox: Sandbox) -> Iterator[Scene]:
    """Make one object of each kind; the running transaction waits for a person's answer."""
    with (
        Client(sandbox) as alice,
        Client(sandbox, "bob") as bob,
        Client(sandbox, "root") as root,
    ):
        # By root, as polkit would keep its answer for alice.
        if default_generation(sandbox) == 1:  # so that there is one to go back to
            ended = root.carry_out({"kind": "add-package", "package": "hello"})
            assert ended["State"] == "done"
        finished = root.apply(root.plan({"kind": "add-package", "package": "fd"}), "build")
        assert root.until(finished)["State"] == "done"
        sandbox.set_agent("hang")
        running = alice.apply(alice.plan({"kind": "add-package", "package": "cowsay"}))
        asking = "asking for permission"
        wait_until(lambda: alice.transaction(running)["Phase"] == asking)
        plans = {"own plan": bob.plan(FIGLET), "somebody else's plan": alice.plan(FIGLET)}
        sandbox.set_agent("allow")
        yield Scene({"root": ROOT_PATH, **plans, "running": running, "finished": finished})
        with contextlib.suppress(Refused):
            alice.cancel(running)
        alice.until(running)


def methods(client: Client, path: str) -> dict[Method, str]:
    """Return the signature of every method of an object, as the daemon itself tells it."""
    text = client.send(path, (INTROSPECTABLE, "Introspect"))[1][0]
    found = {}
    for interface in ET.fromstring(text).iter("interface"):  # noqa: S314 - from our own daemon
        for method in interface.iter("method"):
            into = [arg for arg in method.iter("arg") if arg.attrib["direction"] == "in"]
            signature = "".join(arg.attrib["type"] for arg in into)
            found[interface.attrib["name"], method.attrib["name"]] = signature
    return found


def arguments_for(kind: str, method: Method) -> list[Any]:
    """Return valid arguments; a method without any here is one that nobody has thought of."""
    if method[0] != PROPERTIES:
        return ARGUMENTS[method]
    named = {"root": (SYSTEM, "Busy"), "own plan": (PLAN, "State")}
    named["somebody else's plan"] = named["own plan"]
    interface, name = named.get(kind, (TRANSACTION, "State"))
    return {"Get": [interface, name], "GetAll": [interface], "Set": [interface, name, "x"]}[
        method[1]
    ]


def outcome(bob: Client, root: Client, path: str, call: tuple[Method, str, list[Any]]) -> str:
    """Return the name of the error that a call ends with, at once or in its transaction."""
    method, signature, arguments = call
    try:
        reply = bob.send(path, method, (signature, arguments))[1]
    except Refused as refused:
        return refused.name
    if reply and str(reply[0]).startswith(f"{ROOT_PATH}/transaction/"):
        error: str = root.until(reply[0])["Result"]["error"]
        return error or ANSWERED
    return ANSWERED


def expected(kind: str, method: Method) -> str:
    """Return what must come of a method when polkit refuses everything."""
    if method in OPEN:
        return ANSWERED
    if method == (PROPERTIES, "Set"):
        return "PropertyReadOnly"
    return OTHERWISE.get((kind, method), REFUSED)


def test_no_method_changes_anything_when_polkit_refuses_everything(
    sandbox: Sandbox, scene: Scene
) -> None:
    walked = set()
    with (
        refusing(sandbox, "bob", ALL),
        Client(sandbox, "bob") as bob,
        Client(sandbox, "root") as root,
    ):
        before, journal = state_of(sandbox), sandbox.path(JOURNAL).read_bytes()
        for kind, path in scene.objects.items():
            # Discard last, as afterwards there is no plan to try the others on.
            for method, signature in sorted(methods(bob, path).items(), key=_discard_last):
                walked.add(method)
                call = (method, signature, arguments_for(kind, method))
                found = outcome(bob, root, path, call)
                assert found == expected(kind, method), (kind, method)
        assert state_of(sandbox) == before
        assert sandbox.path(JOURNAL).read_bytes() == journal
        assert root.transaction(scene.objects["running"])["State"] == "authorising"
        assert root.properties(scene.objects["somebody else's plan"], PLAN)["State"] == "ready"
    # Every method of the contract was there to be tried.
    assert walked >= set(ARGUMENTS)


def _discard_last(item: tuple[Method, str]) -> bool:
    return item[0] == (PLAN, "Discard")


def _applied(*changes: dict[str, Any], mode: str = "build") -> Callable[[Client, Scene], None]:
    """Apply a plan of these changes, but only build, so that all of them can be tried in turn."""

    def apply(bob: Client, _scene: Scene) -> None:
        path = bob.apply(bob.plan(*changes), mode)
        result = bob.until(path)["Result"]
        if result["error"] == REFUSED:
            raise Refused(f"{ERROR_PREFIX}{REFUSED}", result["message"])
        assert result["error"] == "", result

    return apply


def _called(path: str, method: Method, signature: str) -> Callable[[Client, Scene], None]:
    def call(bob: Client, _scene: Scene) -> None:
        bob.send(path, method, (signature, ARGUMENTS[method]))

    return call


def _ingest(bob: Client, _scene: Scene) -> None:
    (path,) = bob.send(ROOT_PATH, (KNOWLEDGE, "Ingest"), ("sa{sv}", ["", {}]))[1]
    result = bob.until(path)["Result"]
    if result["error"] == REFUSED:
        raise Refused(f"{ERROR_PREFIX}{REFUSED}", result["message"])
    assert result["error"] == "NotReady", result  # there is no source


def _read(bob: Client, scene: Scene) -> None:
    bob.send(scene.objects["finished"], (PROPERTIES, "GetAll"), ("s", [TRANSACTION]))


def _confirm_of_others(bob: Client, scene: Scene) -> None:
    with pytest.raises(Refused) as caught:  # there is nothing to confirm
        bob.send(scene.objects["running"], (TRANSACTION, "Confirm"))
    if caught.value.name != "TooLate":
        raise caught.value


DOINGS: dict[str, tuple[Action, Callable[[Client, Scene], None]]] = {
    "Recognise": (Action.READ, _called(ROOT_PATH, (INTENT, "Recognise"), "sa{sv}")),
    "Forget": (Action.READ, _called(ROOT_PATH, (INTENT, "Forget"), "a{sv}")),
    "Status": (Action.READ, _called(ROOT_PATH, (SYSTEM, "Status"), "")),
    "ListGenerations": (Action.READ, _called(ROOT_PATH, (SYSTEM, "ListGenerations"), "")),
    "CompareGenerations": (Action.READ, _called(ROOT_PATH, (SYSTEM, "CompareGenerations"), "tt")),
    "ListTransactions": (Action.READ, _called(ROOT_PATH, (SYSTEM, "ListTransactions"), "a{sv}")),
    "GetManagedObjects": (
        Action.READ,
        _called(ROOT_PATH, (OBJECT_MANAGER, "GetManagedObjects"), ""),
    ),
    "GetAll": (Action.READ, _read),
    "VerifyAudit": (Action.READ_AUDIT, _called(ROOT_PATH, (SYSTEM, "VerifyAudit"), "a{sv}")),
    "Plan": (Action.PLAN, _called(ROOT_PATH, (SYSTEM, "Plan"), "aa{sv}a{sv}")),
    "CollectGarbage": (Action.PLAN, _called(ROOT_PATH, (SYSTEM, "CollectGarbage"), "a{sv}")),
    "packages": (Action.CHANGE_PACKAGES, _applied(FIGLET)),
    "options": (Action.CHANGE_OPTIONS, _applied(NGINX)),
    "several": (Action.CHANGE_SEVERAL, _applied(FIGLET, NGINX)),
    "high risk": (
        Action.CHANGE_HIGH_RISK,
        _applied({"kind": "set-option", "option": "users.mutableUsers", "value": False}),
    ),
    "inputs": (Action.UPDATE, _applied({"kind": "update-inputs", "inputs": []})),
    "rollback": (
        Action.ROLLBACK,
        _applied({"kind": "switch-generation", "generation": 1}),
    ),
    "Confirm": (Action.MANAGE_OTHERS, _confirm_of_others),
    "Ingest": (Action.INDEX, _ingest),
}
"""What bob can do, by the purpose that it serves."""

REBUILD = _applied({"kind": "rebuild", "action": "build"})
"""Apart from the others, as it needs a configuration that somebody has changed."""
GARBAGE = _applied({"kind": "collect-garbage"}, mode="switch")
"""Apart from the others, as Nix waits for seconds before it deletes anything."""


def doings_refused(bob: Client, scene: Scene) -> dict[str, str]:
    """Try everything; return what polkit refuses, with the sentence that says so."""
    refused = {}
    for name, (_, do) in DOINGS.items():
        try:
            do(bob, scene)
        except Refused as caught:
            if caught.name != REFUSED:
                raise
            refused[name] = caught.message
    return refused


@pytest.mark.timeout(300)
def test_each_action_guards_its_own_purpose_and_no_other(sandbox: Sandbox, scene: Scene) -> None:
    before = state_of(sandbox)
    for action in sorted(ALL - {Action.PLAN, Action.READ}):
        with (
            refusing(sandbox, "bob", {action}, allowed=ALL - {action}),
            Client(sandbox, "bob") as bob,
        ):
            mine = {name for name, (needed, _) in DOINGS.items() if needed is action}
            refused = doings_refused(bob, scene)
            assert set(refused) == mine, (action, refused)
            assert all(f"({action})" in sentence for sentence in refused.values())
    assert state_of(sandbox) == before


@pytest.mark.parametrize(
    ("action", "do"), [(Action.REBUILD, REBUILD), (Action.COLLECT_GARBAGE, GARBAGE)]
)
def test_so_do_the_actions_for_rebuilding_and_for_garbage(
    sandbox: Sandbox, scene: Scene, action: Action, do: Callable[[Client, Scene], None]
) -> None:
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "jq")):
        before = state_of(sandbox)
        with refusing(sandbox, "bob", {action}, allowed=ALL - {action}):
            with Client(sandbox, "bob") as bob, pytest.raises(Refused) as caught:
                do(bob, scene)
            assert f"({action})" in caught.value.message
        assert state_of(sandbox) == before
        others = ALL - {action, Action.PLAN, Action.READ}
        with (
            refusing(sandbox, "bob", others, allowed={action}),
            Client(sandbox, "bob") as bob,
        ):
            do(bob, scene)


@pytest.mark.parametrize("action", [Action.READ, Action.PLAN])
def test_reading_and_planning_can_be_refused_too(
    sandbox: Sandbox, scene: Scene, action: Action
) -> None:
    with (
        refusing(sandbox, "bob", {action}, allowed=ALL - {action}),
        Client(sandbox, "bob") as bob,
    ):
        for name, (needed, do) in itertools.islice(DOINGS.items(), 9):
            if needed is action:
                with pytest.raises(Refused) as caught:
                    do(bob, scene)
                assert caught.value.name == REFUSED, name
            else:
                do(bob, scene)
