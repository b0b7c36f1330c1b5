"""Requests: the change that an understood sentence asks for, or none."""

from __future__ import annotations

import pytest

from luminous_protocol.changes import (
    AddPackage,
    Change,
    CollectGarbage,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
)
from luminous_protocol.errors import InvalidChange
from luminous_protocol.intents import CHANGING, Intent, IntentKind
from luminous_protocol.requests import changes_for

K = IntentKind


@pytest.mark.parametrize(
    ("kind", "slots", "change"),
    [
        (K.INSTALL, {"package": "vim"}, AddPackage("vim")),
        (K.REMOVE, {"package": "vim"}, RemovePackage("vim")),
        (K.ENABLE_SERVICE, {"service": "nginx"}, Enable("nginx")),
        (K.ENABLE_SERVICE, {"option": "services.nginx.enable"}, Enable("services.nginx.enable")),
        (K.ENABLE_SERVICE, {"option": "a.b", "value": "x"}, SetOption("a.b", "x")),
        (K.DISABLE_SERVICE, {"service": "nginx"}, Disable("nginx")),
        (K.SET_OPTION, {"option": "a.b", "value": "5"}, SetOption("a.b", "5")),
        (
            K.SET_OPTION,
            {"option": "a.b", "value": "5", "append": "true"},
            SetOption("a.b", "5", append=True),
        ),
        (K.SET_OPTION, {"option": "a.b", "action": "unset"}, UnsetOption("a.b")),
        (K.UPDATE, {}, UpdateInputs()),
        (K.UPDATE, {"input": "nixos"}, UpdateInputs(("nixos",))),
        (K.REBUILD, {}, Rebuild("switch")),
        (K.REBUILD, {"action": "boot"}, Rebuild("boot")),
        (K.SWITCH_GENERATION, {"generation": "42"}, SwitchGeneration(42)),
        (K.ROLLBACK, {}, SwitchGeneration(0)),
        (K.ROLLBACK, {"steps": "1"}, SwitchGeneration(0)),
        (K.GARBAGE_COLLECT, {}, CollectGarbage()),
        (K.GARBAGE_COLLECT, {"older_than": "30d"}, CollectGarbage(older_than_days=30)),
        (K.GARBAGE_COLLECT, {"older_than": "2w"}, CollectGarbage(older_than_days=14)),
        (K.GARBAGE_COLLECT, {"older_than": " 6M "}, CollectGarbage(older_than_days=180)),
        (K.GARBAGE_COLLECT, {"older_than": "7"}, CollectGarbage(older_than_days=7)),
        (K.GARBAGE_COLLECT, {"keep": "5"}, CollectGarbage(keep=5)),
    ],
)
def test_a_complete_intent_becomes_its_change(
    kind: IntentKind, slots: dict[str, str], change: Change
) -> None:
    assert changes_for(Intent(kind, slots), "alice") == (change,)


@pytest.mark.parametrize(
    ("kind", "slots"),
    [
        (K.INSTALL, {}),
        (K.REMOVE, {}),
        (K.ENABLE_SERVICE, {}),
        (K.ENABLE_SERVICE, {"service": "nginx", "action": "restart"}),
        (K.DISABLE_SERVICE, {"service": "nginx", "action": "stop"}),
        (K.SET_OPTION, {"value": "5"}),
        (K.SET_OPTION, {"option": "a.b"}),
        (K.SET_OPTION, {"option": "users.users.<name>.shell", "value": "zsh"}),
        (K.SWITCH_GENERATION, {}),
        (K.SWITCH_GENERATION, {"generation": "last"}),
        (K.SWITCH_GENERATION, {"generation": "99999999999"}),
        (K.ROLLBACK, {"steps": "2"}),
        (K.ROLLBACK, {"undo": "true"}),
        (K.CONFIGURE_USER, {}),
        (K.CONFIGURE_USER, {"user": "bob", "action": "remove"}),
        (K.CONFIGURE_USER, {"user": "bob", "groups": "docker", "action": "remove"}),
    ],
)
def test_an_incomplete_intent_becomes_no_change(kind: IntentKind, slots: dict[str, str]) -> None:
    assert changes_for(Intent(kind, slots), "alice") == ()


@pytest.mark.parametrize("kind", sorted(set(IntentKind) - CHANGING))
def test_an_intent_that_only_reads_becomes_no_change(kind: IntentKind) -> None:
    slots = {"package": "vim", "option": "a.b", "value": "1", "generation": "5"}
    assert changes_for(Intent(kind, slots), "alice") == ()


@pytest.mark.parametrize("name", ["$(reboot)", "../../etc/shadow", 'a"b', "a\nb"])
def test_a_slot_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidChange):
        changes_for(Intent(K.INSTALL, {"package": name}), "alice")


@pytest.mark.parametrize("age", ["soon", "-5d", "1e9", "9999999999", ""])
def test_a_limit_that_cannot_be_read_is_never_taken_for_no_limit(age: str) -> None:
    with pytest.raises(InvalidChange):
        changes_for(Intent(K.GARBAGE_COLLECT, {"older_than": age}), "alice")
    with pytest.raises(InvalidChange):
        changes_for(Intent(K.GARBAGE_COLLECT, {"keep": age}), "alice")


@pytest.mark.parametrize(
    ("slots", "changes"),
    [
        ({"user": "bob"}, (SetOption("users.users.bob.isNormalUser", value=True),)),
        (
            {"user": "me", "groups": "wheel, docker"},
            (
                SetOption("users.users.alice.extraGroups", ["wheel"], append=True),
                SetOption("users.users.alice.extraGroups", ["docker"], append=True),
            ),
        ),
        ({"shell": "zsh"}, (SetOption("users.users.alice.shell", {"package": "zsh"}),)),
    ],
)
def test_an_account_is_set_up_by_several_changes(
    slots: dict[str, str], changes: tuple[Change, ...]
) -> None:
    assert changes_for(Intent(K.CONFIGURE_USER, slots), "alice") == changes


def test_an_account_with_a_name_that_is_more_than_a_name_is_refused() -> None:
    with pytest.raises(InvalidChange):
        changes_for(Intent(K.CONFIGURE_USER, {"user": "$(reboot)"}), "alice")
