"""The contract: what the golden XML promises is there, guarded, and in its types."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from luminous_daemon.bus.explain import ExplainInterface
from luminous_daemon.bus.intent import IntentInterface
from luminous_daemon.bus.introspection import load_contract
from luminous_daemon.bus.knowledge import KnowledgeInterface
from luminous_daemon.bus.plan import PlanObject
from luminous_daemon.bus.service import method_name
from luminous_daemon.bus.system import SystemInterface
from luminous_daemon.bus.transaction import PastTransaction, TransactionObject
from luminous_protocol import names
from luminous_protocol.names import Action
from luminous_protocol.variants import split_signature
from tests.unit.luminous_daemon.bus.fake_connection import HELLO, opened
from tests.unit.luminous_protocol.contract import nodes

CLASSES: dict[str, list[type[Any]]] = {
    names.INTENT: [IntentInterface],
    names.SYSTEM: [SystemInterface],
    names.KNOWLEDGE: [KnowledgeInterface],
    names.EXPLAIN: [ExplainInterface],
    names.PLAN: [PlanObject],
    names.TRANSACTION: [TransactionObject, PastTransaction],
}
METHODS = [
    (kind, interface, node.attrib["name"])
    for interface, kinds in CLASSES.items()
    for kind in kinds
    for node in nodes()[interface].iter("method")
]


@pytest.mark.parametrize(("kind", "interface", "member"), METHODS)
def test_every_method_of_the_contract_is_there_with_its_guard(
    kind: type[Any], interface: str, member: str
) -> None:
    function = getattr(kind, method_name(member))
    assert inspect.iscoroutinefunction(function)
    guard = function.guard
    assert isinstance(guard, Action) or len(guard) > len("because")
    node = next(n for n in nodes()[interface].iter("method") if n.attrib["name"] == member)
    given = [arg for arg in node.iter("arg") if arg.attrib["direction"] == "in"]
    parameters = list(inspect.signature(function).parameters)
    assert len(parameters) == len(given) + 2, "self, the caller and the arguments"
    assert parameters[1].lstrip("_") == "caller"


def test_only_methods_of_the_contract_carry_a_guard() -> None:
    promised = {(kind, method_name(member)) for kind, _, member in METHODS}
    guarded = {
        (kind, name)
        for kinds in CLASSES.values()
        for kind in kinds
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if "guard" in function.__dict__
    }
    assert guarded == promised


def test_what_changes_the_machine_is_never_free_and_never_asked_before_the_plan() -> None:
    guards = {
        (interface, member): getattr(kind, method_name(member)).guard
        for kind, interface, member in METHODS
    }
    actions = {guard for guard in guards.values() if isinstance(guard, Action)}
    assert actions == {Action.READ, Action.PLAN}
    assert guards[names.PLAN, "Apply"] not in set(Action)


@pytest.mark.parametrize(
    ("member", "name"),
    [("Plan", "plan"), ("ListGenerations", "list_generations"), ("Recognise", "recognise")],
)
def test_a_member_has_the_python_name_that_one_expects(member: str, name: str) -> None:
    assert method_name(member) == name


def test_every_property_of_the_contract_is_there_in_its_type_and_no_other() -> None:
    async def steps() -> None:
        async with opened() as door:
            plan = await door.planned(HELLO)
            transaction = await door.applied({"kind": "enable", "target": "openssh"})
            past = await door.applied({"kind": "enable", "target": "bluetooth"})
            door.service.withdraw(past)
            for path, interface in (
                (names.ROOT_PATH, names.SYSTEM),
                (plan, names.PLAN),
                (transaction, names.TRANSACTION),
                (past, names.TRANSACTION),
            ):
                promised = {p.attrib["name"] for p in nodes()[interface].iter("property")}
                found = await door.properties(path, interface)
                assert set(found) == promised
                for name in promised:
                    (one,) = await door.call(path, f"{names.PROPERTIES}.Get", interface, name)
                    assert one.value == found[name]

    asyncio.run(steps())


def test_an_interface_without_properties_has_none() -> None:
    async def steps() -> None:
        async with opened() as door:
            assert await door.properties(names.ROOT_PATH, names.INTENT) == {}
            assert await door.properties(names.ROOT_PATH, names.PEER) == {}

    asyncio.run(steps())


@pytest.mark.parametrize("kind", ["root", "plan", "transaction"])
def test_introspection_shows_the_golden_xml_and_the_children(kind: str) -> None:
    contract = load_contract(kind)
    tree = ET.fromstring(contract.introspect(["plan/a", "b"]))  # noqa: S314 - made here
    shown = {node.attrib["name"]: ET.tostring(node).strip() for node in tree.iter("interface")}
    assert set(shown) == set(contract.interfaces)
    for name, text in shown.items():
        assert text == ET.tostring(nodes()[name]).strip()
    children = [node.attrib["name"] for node in tree.findall("node")]
    assert children == ["plan/a", "b"]


def test_signatures_come_from_the_xml_in_order() -> None:
    system = load_contract("root").interfaces[names.SYSTEM]
    assert system.methods["Plan"].arguments == "aa{sv}a{sv}"
    assert system.methods["Plan"].reply == "o"
    assert system.methods["ListGenerations"].arguments == ""
    transaction = load_contract("transaction").interfaces[names.TRANSACTION]
    assert transaction.signals == {"Progress": "sda{sv}", "Log": "as", "Finished": "ss"}
    for contract in map(load_contract, ("root", "plan", "transaction")):
        for interface in contract.interfaces.values():
            for method in interface.methods.values():
                assert "".join(split_signature(method.arguments)) == method.arguments
