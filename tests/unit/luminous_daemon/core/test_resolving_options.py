"""Resolving options: what words may mean, which switch a name is, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given

from luminous_daemon.core.definitions import Append, Drop, DropItem, Put
from luminous_daemon.core.facts import Facts, OptionFacts
from luminous_daemon.core.resolving import Situation, resolve
from luminous_daemon.core.resolving.options import enable_candidates, readings
from luminous_daemon.core.resolving.situation import OUR_NIXOS
from luminous_protocol.changes import (
    CollectGarbage,
    Disable,
    Enable,
    Rebuild,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
)
from luminous_protocol.errors import (
    DefinedElsewhere,
    InvalidValue,
    LuminousError,
    NothingToDo,
    UnknownOption,
)
from tests.unit.luminous_daemon.core.facts import resolved
from tests.unit.luminous_protocol.strategies import texts, thoroughly

if TYPE_CHECKING:
    from luminous_daemon.core.definitions import Edit
    from luminous_protocol.changes import Change, Value

PORTS = "networking.firewall.allowedTCPPorts"


@pytest.mark.parametrize(
    ("target", "option"),
    [
        ("openssh", "services.openssh.enable"),
        ("firefox", "programs.firefox.enable"),
        ("bluetooth", "hardware.bluetooth.enable"),
        ("services.openssh", "services.openssh.enable"),
        ("services.openssh.enable", "services.openssh.enable"),
    ],
)
def test_a_short_name_is_the_likeliest_switch(target: str, option: str) -> None:
    found = resolved(Enable(target))
    assert found.edits == (Put(option, value=True),)
    assert found.summary == f"switch on {option.removesuffix('.enable')}"


def test_a_name_with_dots_is_looked_for_nowhere_else() -> None:
    assert enable_candidates("a.b") == ("a.b.enable", "a.b")
    assert enable_candidates("a.enable") == ("a.enable",)
    assert enable_candidates("ssh")[0] == "services.ssh.enable"


def test_what_stands_in_one_other_file_is_edited_there() -> None:
    udp, zone = "networking.firewall.allowedUDPPorts", "time.timeZone"
    web, main = "/etc/nixos/web.nix", "/etc/nixos/configuration.nix"
    nginx = "services.nginx.enable"
    expected: list[tuple[Change, str, Edit, Change]] = [
        (UnsetOption(udp, "53"), web, DropItem(udp, 53), SetOption(udp, [53], append=True)),
        (Disable("nginx"), web, Put(nginx, value=False), SetOption(nginx, value=True)),
        (SetOption(zone, "UTC"), main, Put(zone, "UTC"), SetOption(zone, "Europe/Zurich")),
        (UnsetOption(zone), main, Drop(zone), SetOption(zone, "Europe/Zurich")),
    ]
    for change, file, edit, inverse in expected:
        found = resolved(change)
        assert found.edits == ()
        (placement,) = found.placements
        assert (placement.file, placement.edit, placement.inverse) == (file, edit, inverse)
        assert placement.place.startswith(f"{file} (")


def test_taking_wheel_from_somebody_in_a_persons_file_is_dangerous() -> None:
    groups = "users.users.alice.extraGroups"
    option = OptionFacts(
        groups, exists=True, value=["wheel", "video"], is_plain=True, files=("/etc/nixos/a.nix",)
    )
    facts = Facts({}, {groups: option}, is_imported=True)
    found = resolve(UnsetOption(groups, "wheel"), Situation(facts))
    assert found.is_dangerous
    assert "Be sure that somebody still can." in found.notes[0]
    assert not resolve(UnsetOption(groups, "video"), Situation(facts)).is_dangerous


def test_what_several_files_or_nixos_itself_define_is_said_to_be_theirs() -> None:
    option = OptionFacts("a.b", exists=True, value="x", is_plain=True, fitting=0)
    for files, says in (
        (("/etc/nixos/one.nix", "/etc/nixos/two.nix"), "one.nix and /etc/nixos/two.nix, which"),
        ((OUR_NIXOS,), "a.b is set in NixOS itself, which Luminous does not write"),
    ):
        facts = Facts({}, {"a.b": replace(option, files=files)}, is_imported=True)
        with pytest.raises(DefinedElsewhere, match=says):
            resolve(UnsetOption("a.b"), Situation(facts))
    facts = Facts({}, {"a.b": replace(option, is_plain=False, files=("f",))}, is_imported=True)
    with pytest.raises(DefinedElsewhere, match="because its value is not plain data"):
        resolve(UnsetOption("a.b"), Situation(facts))


def test_what_begins_like_a_package_is_never_a_text() -> None:
    assert readings("pkgs.linuxPackages_latest", append=False) == (
        {"package": "linuxPackages_latest"},
        [{"package": "linuxPackages_latest"}],
    )


def test_a_text_keeps_the_line_end_that_it_was_given() -> None:
    assert readings("set -e\nexit\n", append=False)[0] == "set -e\nexit\n"
    assert " yes" in readings(" yes", append=False)
    assert "yes" in readings(" yes", append=False)


def test_switching_off_writes_false() -> None:
    found = resolved(Disable("openssh"), ("services.openssh.enable", True))
    assert found.edits == (Put("services.openssh.enable", value=False),)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (Enable("openssh"), NothingToDo, r"switched on already in /etc/nixos/luminous\.nix"),
        (Disable("bluetooth"), NothingToDo, "switched off already by default"),
        (Enable("nginx"), NothingToDo, r"switched on already in /etc/nixos/web\.nix"),
        (Enable("hello"), UnknownOption, "it is a package. To install it: ask-nix install hello"),
        (Enable("nonesuch"), UnknownOption, "no service, program or option called 'nonesuch'"),
        (Enable("networking.hostName"), UnknownOption, "no service"),
    ],
)
def test_a_switch_that_cannot_or_need_not_be_moved_says_why(
    change: Change, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says):
        resolved(change, ("services.openssh.enable", True))


@pytest.mark.parametrize(
    ("option", "given_value", "edit"),
    [
        ("networking.hostName", "box", Put("networking.hostName", "box")),
        ("networking.hostName", "5", Put("networking.hostName", "5")),
        ("networking.hostName", "true", Put("networking.hostName", "true")),
        ("services.openssh.enable", "on", Put("services.openssh.enable", value=True)),
        ("services.openssh.enable", "YES", Put("services.openssh.enable", value=True)),
        ("services.openssh.enable", True, Put("services.openssh.enable", value=True)),
        ("users.users.alice.shell", "zsh", Put("users.users.alice.shell", {"package": "zsh"})),
        ("users.users.alice.shell", "pkgs.zsh", Put("users.users.alice.shell", {"package": "zsh"})),
        (PORTS, "80", Append(PORTS, 80)),
        (PORTS, 80, Append(PORTS, 80)),
        (PORTS, [80, 443], Put(PORTS, [80, 443])),
        (PORTS, "[80, 443]", Put(PORTS, [80, 443])),
        (PORTS, "[80]", Put(PORTS, [80])),
        (PORTS, [80], Put(PORTS, [80])),
        (PORTS, [], Put(PORTS, [])),
        ("nix.settings.test", "5", Put("nix.settings.test", 5)),
        ("nix.settings.test", {"a": [1]}, Put("nix.settings.test", {"a": [1]})),
    ],
)
def test_the_options_type_decides_what_words_mean(
    option: str, given_value: Value, edit: Edit
) -> None:
    assert resolved(SetOption(option, given_value)).edits == (edit,)


def test_appending_adds_only_what_is_not_there() -> None:
    found = resolved(SetOption(PORTS, [80, 443], append=True), (PORTS, [80]))
    assert found.edits == (Append(PORTS, 443),)
    assert found.summary == f"add 80, 443 to {PORTS}"
    with pytest.raises(NothingToDo, match="holds 80 already"):
        resolved(SetOption(PORTS, "80", append=True), (PORTS, [80]))


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (SetOption("a.b", 1), UnknownOption, "no option called 'a.b'"),
        (SetOption("system.nixos.version", "x"), InvalidValue, "read-only"),
        (SetOption("networking.hostName", 5), InvalidValue, 'takes: string. For example: "x"'),
        (SetOption(PORTS, "http"), InvalidValue, "takes: list of 16 bit unsigned integer"),
        (SetOption(PORTS, 70_000), InvalidValue, "70000 is no value for"),
        (SetOption("services.openssh.enable", "maybe"), InvalidValue, "takes: boolean"),
        (SetOption("time.timeZone", "Europe/Zurich"), NothingToDo, "already"),
        (UnsetOption("networking.hostName"), NothingToDo, "networking.hostName is not set"),
        (UnsetOption("a.b"), UnknownOption, "no option called 'a.b'"),
        (UnsetOption(PORTS, 80), NothingToDo, "allowedTCPPorts does not hold 80"),
    ],
)
def test_an_option_that_cannot_or_need_not_be_set_says_why(
    change: Change, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says):
        resolved(change)


def test_a_wrong_value_comes_with_the_type_and_an_example() -> None:
    with pytest.raises(InvalidValue) as refused:
        resolved(SetOption("networking.hostName", 5))
    assert refused.value.details == {"type": "string", "example": '"x"'}


def test_what_luminous_set_is_unset() -> None:
    assert resolved(UnsetOption(PORTS), (PORTS, [80])).edits == (Drop(PORTS),)
    assert resolved(UnsetOption(PORTS, 80), (PORTS, [80, 443])).edits == (DropItem(PORTS, 80),)
    found = resolved(UnsetOption("gone.option"), ("gone.option", 1))
    assert found.edits == (Drop("gone.option"),), "an option that NixOS does not know any more"


@pytest.mark.parametrize(
    "change", [UpdateInputs(), Rebuild(), SwitchGeneration(1), CollectGarbage()]
)
def test_a_change_of_no_definition_comes_to_no_edit(change: Change) -> None:
    assert resolved(change).edits == ()


@pytest.mark.parametrize(
    "text", ["[" * 5_000, '{"a": 1e999}', "NaN", '["\\ud800"]', "9" * 40, "null"]
)
def test_words_are_never_read_as_a_value_that_nix_cannot_hold(text: str) -> None:
    for reading in readings(text, append=False):
        assert SetOption("a.b", reading).value == reading


@thoroughly
@given(texts)
@example(" pkgs.0 ")
def test_words_can_be_meant_as_text_but_for_those_that_name_a_package_of_pkgs(text: str) -> None:
    words = text.strip()
    for append in (False, True):
        found: tuple[Any, ...] = readings(text, append=append)
        is_package = words.startswith("pkgs.") and {"package": words[5:]} in found
        assert is_package or words in found
        assert is_package or [words] in found


def test_a_long_value_is_shown_in_short() -> None:
    found = resolved(SetOption("networking.hostName", "x" * 500))
    assert len(found.summary) < 120
