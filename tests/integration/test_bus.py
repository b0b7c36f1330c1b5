"""The contract on the bus: what `busctl` sees is what the golden files say, and it behaves so."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from luminous_protocol.names import (
    INTROSPECTABLE,
    OBJECT_MANAGER,
    PEER,
    PLAN,
    PROPERTIES,
    ROOT_PATH,
    SYSTEM,
    TRANSACTION,
)
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import default_generation, has_program, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}
BROWSABLE = "org.freedesktop.DBus.Introspectable"


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice."""
    with Client(sandbox) as client:
        yield client


@pytest.fixture
def plan(alice: Client) -> Iterator[str]:
    """Make a plan; it is thrown away afterwards."""
    path = alice.plan(HELLO)
    yield path
    alice.send(path, (PLAN, "Discard"))


@pytest.fixture
def transaction(alice: Client, sandbox: Sandbox) -> str:
    """Make a transaction that has ended without changing anything."""
    sandbox.set_agent("deny")
    path = alice.apply(alice.plan(HELLO))
    alice.until(path)
    sandbox.set_agent("allow")
    return path


def golden(kind: str) -> dict[str, set[tuple[str, ...]]]:
    """Return the members that the golden files give a kind of object, by interface."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in (kind, *(["explain"] if kind == "root" else []), "standard"):
        text = files("luminous_protocol.introspection").joinpath(f"{name}.xml").read_text()
        found |= members(text)
    return found


def members(xml: str) -> dict[str, set[tuple[str, ...]]]:
    """Return (kind, name, signatures) of all members in introspection data, by interface."""
    return {
        interface.attrib["name"]: {member(node) for node in interface if node.tag != "annotation"}
        for interface in ET.fromstring(xml).iter("interface")  # noqa: S314 - our own daemon's
    }


def member(node: ET.Element) -> tuple[str, ...]:
    """Return a member as one tuple."""
    if node.tag == "property":
        return (node.tag, node.attrib["name"], node.attrib["type"], node.attrib["access"])
    arguments = [arg.attrib for arg in node.iter("arg")]
    taken = "".join(arg["type"] for arg in arguments if arg.get("direction") == "in")
    given = "".join(arg["type"] for arg in arguments if arg.get("direction", "out") == "out")
    return (node.tag, node.attrib["name"], taken, given)


def introspect(client: Client, path: str) -> str:
    """Return an object's introspection data."""
    return str(client.send(path, (INTROSPECTABLE, "Introspect"))[1][0])


@pytest.mark.parametrize("kind", ["root", "plan", "transaction"])
def test_objects_are_what_the_golden_files_say(
    alice: Client, plan: str, transaction: str, kind: str
) -> None:
    path = {"root": ROOT_PATH, "plan": plan, "transaction": transaction}[kind]
    assert members(introspect(alice, path)) == golden(kind)


@pytest.mark.parametrize("kind", ["root", "plan", "transaction"])
def test_busctl_shows_what_the_golden_files_say(
    sandbox: Sandbox, plan: str, transaction: str, kind: str
) -> None:
    path = {"root": ROOT_PATH, "plan": plan, "transaction": transaction}[kind]
    done = sandbox.run(["busctl", "introspect", "--json=short", "org.luminous1", path])
    assert done.returncode == 0, done.stderr
    shown = sandbox.run(["busctl", "introspect", "--no-legend", "org.luminous1", path]).stdout
    seen: dict[str, set[tuple[str, str]]] = {}
    interface = ""
    for name, what, *_ in (line.split() for line in shown.splitlines()):
        if what == "interface":
            interface = name
        seen.setdefault(interface, set())
        if what != "interface":
            seen[interface].add((what, name.removeprefix(".")))
    wanted = {name: {found[:2] for found in one} for name, one in golden(kind).items()}
    assert seen == wanted


def test_a_change_goes_on_when_busctl_has_left_the_bus(sandbox: Sandbox) -> None:
    def call(path: str, member: str, *arguments: str) -> str:
        argv = ["busctl", "--json=short", "call", "org.luminous1", path, member, *arguments]
        done = sandbox.run(argv, user="root")
        assert done.returncode == 0, done.stderr
        found: str = json.loads(done.stdout)["data"][0]
        return found

    change = ["1", "2", "kind", "s", "add-package", "package", "s", "sl"]
    plan = call(ROOT_PATH, SYSTEM, "Plan", "aa{sv}a{sv}", *change, "0")
    with Client(sandbox, user="root") as client:
        wait_until(lambda: client.properties(plan, PLAN)["State"] == "ready")
        transaction = call(plan, PLAN, "Apply", "sa{sv}", "switch", "0")
        ended = client.until(transaction)
        assert ended["State"] == "done", ended
        assert has_program(sandbox, "sl")
        client.carry_out({"kind": "remove-package", "package": "sl"})


def test_busctl_walks_the_whole_tree(sandbox: Sandbox, plan: str) -> None:
    done = sandbox.run(["busctl", "tree", "--list", "org.luminous1"])
    assert done.returncode == 0, done.stderr
    assert {ROOT_PATH, plan} <= set(done.stdout.splitlines())
    assert done.stderr == ""


def test_busctl_reads_a_property_with_its_type(sandbox: Sandbox) -> None:
    argv = ["busctl", "--json=short", "get-property", "org.luminous1", ROOT_PATH, SYSTEM]
    done = sandbox.run([*argv, "CurrentGeneration"])
    assert json.loads(done.stdout) == {"type": "t", "data": default_generation(sandbox)}


def test_every_property_has_the_type_of_the_contract(
    alice: Client, sandbox: Sandbox, plan: str, transaction: str
) -> None:
    for path, kind, interface in (
        (ROOT_PATH, "root", SYSTEM),
        (plan, "plan", PLAN),
        (transaction, "transaction", TRANSACTION),
    ):
        wanted = {item[1]: item[2] for item in golden(kind)[interface] if item[0] == "property"}
        argv = ["busctl", "--json=short", "call", "org.luminous1", path, PROPERTIES, "GetAll", "s"]
        found = json.loads(sandbox.run([*argv, interface]).stdout)["data"][0]
        assert {name: value["type"] for name, value in found.items()} == wanted
        everything = alice.properties(path, interface)
        for name in wanted:
            one = alice.send(path, (PROPERTIES, "Get"), ("ss", [interface, name]))[1][0]
            assert one == everything[name]


def test_properties_are_read_only_and_unknown_ones_are_named(alice: Client, plan: str) -> None:
    value = {"$": ["s", "low"]}
    for path, member_, arguments, name in (
        (plan, "Set", ("ssv", [PLAN, "Risk", value]), "PropertyReadOnly"),
        (ROOT_PATH, "Set", ("ssv", [SYSTEM, "Busy", value]), "PropertyReadOnly"),
        (plan, "Get", ("ss", [PLAN, "Nothing"]), "UnknownProperty"),
        (plan, "Get", ("ss", ["org.example.Nothing", "Risk"]), "UnknownInterface"),
        (plan, "GetAll", ("s", ["org.example.Nothing"]), "UnknownInterface"),
    ):
        with pytest.raises(Refused) as caught:
            alice.send(path, (PROPERTIES, member_), arguments)
        assert caught.value.full_name == f"org.freedesktop.DBus.Error.{name}"


def test_managed_objects_come_and_go_with_signals(alice: Client, sandbox: Sandbox) -> None:
    alice.signals()
    path = alice.plan(HELLO)
    added = [signal for signal in alice.signals() if signal[2] == "InterfacesAdded"]
    assert [(signal[0], signal[3][0]) for signal in added] == [(ROOT_PATH, path)]
    assert list(added[0][3][1]) == [PLAN]
    objects = alice.send(ROOT_PATH, (OBJECT_MANAGER, "GetManagedObjects"))[1][0]
    assert objects[path][PLAN] == alice.properties(path, PLAN)
    with Client(sandbox, "bob") as bob:
        objects = bob.send(ROOT_PATH, (OBJECT_MANAGER, "GetManagedObjects"))[1][0]
        assert path not in objects
    alice.send(path, (PLAN, "Discard"))
    removed = [signal for signal in alice.signals() if signal[2] == "InterfacesRemoved"]
    assert [signal[3] for signal in removed] == [[path, [PLAN]]]
    objects = alice.send(ROOT_PATH, (OBJECT_MANAGER, "GetManagedObjects"))[1][0]
    assert path not in objects
    with pytest.raises(Refused) as caught:
        alice.properties(path, PLAN)
    assert caught.value.name == "UnknownObject"


def test_a_plan_says_when_it_is_ready_and_shows_nothing_to_others(alice: Client) -> None:
    alice.signals()
    path = alice.system("Plan", "aa{sv}a{sv}", [HELLO], {})
    signals = alice.signals(path, "PropertiesChanged")
    ((_, interface, _, body),) = [signal for signal in signals if signal[0] == path]
    assert (interface, body[:2]) == (PROPERTIES, [PLAN, {"State": "ready"}])
    alice.send(path, (PLAN, "Discard"))


def test_a_transaction_tells_its_way_by_signals(alice: Client) -> None:
    path = alice.apply(alice.plan(HELLO))
    signals = alice.signals(path, "Finished")
    states = [
        signal[3][1]["State"]
        for signal in signals
        if signal[0] == path and signal[2] == "PropertiesChanged" and "State" in signal[3][1]
    ]
    order = list(dict.fromkeys(states))
    assert order == ["authorising", "building", "activating", "done"]
    finished = [signal for signal in signals if signal[2] == "Finished"]
    assert finished[0][3][0] == "done"
    assert "runs now" in finished[0][3][1]
    progress = [signal[3] for signal in signals if signal[2] == "Progress"]
    assert {"activating", "making it the default"} <= {body[0] for body in progress}
    assert all(body[1] == -1 or 0 <= body[1] <= 100 for body in progress)
    found = alice.transaction(path)
    assert (found["State"], found["Caller"], found["Summary"]) == (
        "done",
        1000,
        "install hello 2.12.2",
    )
    assert found["Started"] <= found["Finished"]
    undo = alice.send(path, (TRANSACTION, "Undo"))[1][0]
    while alice.properties(undo, PLAN)["State"] == "preparing":
        pass
    assert alice.until(alice.apply(undo))["State"] == "done"


def test_properties_of_the_machine_change_with_a_signal(alice: Client, sandbox: Sandbox) -> None:
    before = alice.properties(ROOT_PATH, SYSTEM)
    assert before["CurrentGeneration"] == before["DefaultGeneration"] == default_generation(sandbox)
    assert before["BootedGeneration"] == 1
    alice.signals()
    assert alice.carry_out(HELLO)["State"] == "done"
    after = alice.properties(ROOT_PATH, SYSTEM)
    assert after["CurrentGeneration"] == default_generation(sandbox)
    changed: dict[str, Any] = {}
    for path, _, name, body in alice.signals():
        if path == ROOT_PATH and name == "PropertiesChanged":
            changed |= body[1]
    assert changed.get("CurrentGeneration") == after["CurrentGeneration"]
    assert changed.get("Busy") is False
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


def test_the_peer_interface_answers(alice: Client) -> None:
    assert alice.send(ROOT_PATH, (PEER, "Ping")) == ("", [])
    signature, (machine,) = alice.send(ROOT_PATH, (PEER, "GetMachineId"))
    assert (signature, len(machine)) == ("s", 32)


def test_generations_and_their_comparison(alice: Client, sandbox: Sandbox) -> None:
    generations = alice.system("ListGenerations")
    numbers = [item["number"] for item in generations]
    assert numbers == sorted(numbers, reverse=True)
    assert [item["number"] for item in generations if "booted" in item] == [1]
    newest = generations[0]
    assert newest["default"]
    assert newest["nixos-version"].startswith("25.11")
    assert newest["kernel"] == "6.12.48"
    alice.carry_out(HELLO)
    now = default_generation(sandbox)
    compared = alice.system("CompareGenerations", "tt", 1, now)
    assert compared["packages"] == [{"name": "hello", "before": "", "after": "2.12.2"}]
    assert compared["closure"]["after"] > compared["closure"]["before"] > 0
    with pytest.raises(Refused) as caught:
        alice.system("CompareGenerations", "tt", 1, 99)
    assert caught.value.name == "UnknownGeneration"
    alice.carry_out({"kind": "remove-package", "package": "hello"})
