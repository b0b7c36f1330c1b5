"""The files that are installed beside the daemon say the same as the daemon."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from luminous_protocol import names
from luminous_protocol.names import IDENTIFIER, Action, plan_path, transaction_path
from tests.unit.luminous_protocol.contract import CHECKOUT, nodes

BUS_POLICY = CHECKOUT / "daemon/data/dbus/org.luminous1.conf"
POLKIT_POLICY = CHECKOUT / "polkit/org.luminous1.policy"
RULES = CHECKOUT / "polkit/50-luminous-example.rules"


def actions() -> dict[str, ET.Element]:
    """Return the actions that polkit is told of."""
    tree = ET.parse(POLKIT_POLICY)  # noqa: S314 - a file of this repository
    return {node.attrib["id"]: node for node in tree.iter("action")}


def test_the_daemon_and_polkit_know_the_same_actions() -> None:
    assert set(actions()) == {str(action) for action in Action}


@pytest.mark.parametrize("action", sorted(Action))
def test_every_action_has_words_for_people_and_a_default_for_every_session(action: str) -> None:
    node = actions()[action]
    assert node.findtext("description")
    assert node.findtext("message")
    defaults = {entry.tag: entry.text for entry in node.iterfind("defaults/*")}
    assert set(defaults) == {"allow_any", "allow_inactive", "allow_active"}
    assert set(defaults.values()) <= {"yes", "auth_admin", "auth_admin_keep", "auth_self_keep"}


def test_only_reading_planning_and_for_who_is_there_indexing_are_free() -> None:
    free = {
        name
        for name, node in actions().items()
        if "yes" in {entry.text for entry in node.iterfind("defaults/*")}
    }
    assert free == {Action.READ, Action.PLAN, Action.INDEX}
    index = actions()[Action.INDEX]
    assert [entry.text for entry in index.iterfind("defaults/*")] == [
        *("auth_admin_keep", "auth_admin_keep", "yes"),
    ]


@pytest.mark.parametrize("action", [Action.COLLECT_GARBAGE, Action.MANAGE_OTHERS])
def test_what_cannot_be_taken_back_or_is_somebody_elses_is_asked_every_time(action: str) -> None:
    given = {entry.text for entry in actions()[action].iterfind("defaults/*")}
    assert given == {"auth_admin"}


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.READ, Action.PLAN}))
def test_every_question_says_what_is_approved(action: str) -> None:
    assert "$(summary)" in (actions()[action].findtext("message") or "")


def test_the_bus_lets_everybody_call_the_interfaces_of_the_contract_and_no_others() -> None:
    tree = ET.parse(BUS_POLICY)  # noqa: S314 - a file of this repository
    default = tree.find("policy[@context='default']")
    assert default is not None
    rules = [rule.attrib for rule in default]
    assert {rule["send_destination"] for rule in rules} == {names.BUS_NAME}
    assert {rule["send_interface"] for rule in rules} == set(nodes())
    assert len(rules) == len(nodes())


def test_the_bus_lets_only_root_own_the_name() -> None:
    tree = ET.parse(BUS_POLICY)  # noqa: S314 - a file of this repository
    owners = [
        (policy.attrib, rule.attrib["own"])
        for policy in tree.iter("policy")
        for rule in policy
        if "own" in rule.attrib
    ]
    assert owners == [({"user": "root"}, names.BUS_NAME)]


def test_the_example_rules_name_an_action_that_exists() -> None:
    named = re.findall(r'"(org\.luminous1\.[a-z-]+)"', RULES.read_text())
    assert named
    assert set(named) <= set(Action)


def test_the_contract_has_the_names_that_programs_use() -> None:
    own = {names.INTENT, names.SYSTEM, names.KNOWLEDGE, names.EXPLAIN}
    own |= {names.PLAN, names.TRANSACTION}
    standard = {names.PROPERTIES, names.INTROSPECTABLE, names.PEER, names.OBJECT_MANAGER}
    assert set(nodes()) == own | standard


def test_no_property_of_the_contract_can_be_written() -> None:
    accesses = {
        item.attrib["access"] for node in nodes().values() for item in node.iter("property")
    }
    assert accesses == {"read"}


@pytest.mark.parametrize("text", ["", "a/b", "../x", "a" * 65, "é", "a\n"])
def test_an_identifier_is_one_element_of_a_path(text: str) -> None:
    assert IDENTIFIER.fullmatch("0a1b")
    assert not IDENTIFIER.fullmatch(text)
    assert plan_path("x") == "/org/luminous1/plan/x"
    assert transaction_path("x") == "/org/luminous1/transaction/x"
