"""Describing: what is told of an option or a package, where it stands, and no secret."""

from __future__ import annotations

import asyncio

import pytest

from luminous_daemon.core.describing import Describing, OptionAnswer, PackageAnswer, Standing
from luminous_protocol.errors import InvalidValue, LuminousError, UnknownOption, UnknownPackage
from tests.unit.luminous_daemon.fake_world import Machine, make_machine, make_world

LINE = "    { %s } # alice, 2026-11-21 09:30:12 UTC: words\n"


def machine_with(*definitions: str) -> Machine:
    """Return a machine whose Luminous's file has these definitions."""
    machine = make_machine()
    lines = "".join(LINE % definition for definition in definitions)
    machine.text = machine.text.replace("  ];\n", f"{lines}  ];\n")
    return machine


def option(name: str, machine: Machine | None = None, uid: int = 1000) -> OptionAnswer:
    """Describe an option."""
    return asyncio.run(Describing(make_world(machine or make_machine())).option(name, uid))


def package(name: str, machine: Machine | None = None, uid: int = 1000) -> PackageAnswer:
    """Describe a package."""
    return asyncio.run(Describing(make_world(machine or make_machine())).package(name, uid))


def test_an_option_is_told_with_its_value_and_the_line_that_sets_it() -> None:
    answer = option("time.timeZone")
    assert answer.value == '"Europe/Zurich"'
    assert answer.definitions == (Standing("/etc/nixos/configuration.nix:13", '"Europe/Zurich"'),)


def test_what_nobody_sets_has_a_value_and_no_definition() -> None:
    answer = option("hardware.bluetooth.enable")
    assert (answer.value, answer.definitions) == ("false", ())


def test_every_definition_is_listed_and_a_file_that_does_not_show_its_line_is_named_alone() -> None:
    machine = machine_with("networking.firewall.allowedUDPPorts = [ 69 ];")
    answer = option("networking.firewall.allowedUDPPorts", machine)
    assert [item.place for item in answer.definitions] == [
        "/etc/nixos/web.nix",
        "/etc/nixos/luminous.nix:35",
    ]


def test_a_value_of_which_a_part_is_in_a_file_that_one_may_not_read_has_only_places() -> None:
    machine = machine_with("networking.firewall.allowedUDPPorts = [ 69 ];")
    machine.private = frozenset({"/etc/nixos/web.nix"})
    answer = option("networking.firewall.allowedUDPPorts", machine)
    assert (answer.value, answer.is_withheld) == ("", True)
    assert answer.definitions == (
        Standing("/etc/nixos/web.nix"),
        Standing("/etc/nixos/luminous.nix:35"),
    )
    assert option("networking.firewall.allowedUDPPorts", machine, uid=0).value
    assert not option("services.openssh.enable", machine).is_withheld


def test_a_value_that_cannot_be_read_is_left_out_with_the_reason() -> None:
    answer = option("nix.settings.test")
    assert (answer.value, answer.found.problem) == ("", "infinite recursion encountered")


def test_an_old_name_tells_the_new_one() -> None:
    assert option("services.sshd.enable").alias == "services.openssh.enable"


def test_a_set_of_options_tells_what_is_below() -> None:
    answer = option("networking.firewall")
    assert [item.name for item in answer.found.below] == ["allowedTCPPorts", "allowedUDPPorts"]


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("services.openssl.enable", UnknownOption, "Did you mean services."),
        ("sound.enable", UnknownOption, "can no longer be used"),
        ("$(reboot)", InvalidValue, "is not the name of an option"),
        ("", InvalidValue, "is not the name of an option"),
        ("a" * 400, InvalidValue, "is not the name of an option"),
        ('a."b', InvalidValue, "is not the name of an option"),
    ],
)
def test_what_is_no_option_is_refused_by_name(
    name: str, error: type[LuminousError], said: str
) -> None:
    with pytest.raises(error) as caught:
        option(name)
    assert said in caught.value.message


@pytest.mark.parametrize("name", ["users.users.<name>.shell", "a.*.b"])
def test_the_names_of_the_manual_are_names(name: str) -> None:
    with pytest.raises(UnknownOption):
        option(name)


def test_a_package_in_a_list_is_told_with_its_place() -> None:
    answer = package("git")
    assert answer.installed == (
        Standing("/etc/nixos/configuration.nix:3", "environment.systemPackages"),
    )


def test_a_package_that_a_switch_brings_in_names_the_switch() -> None:
    answer = package("firefox", machine_with("programs.firefox.enable = true;"))
    assert answer.switches == ("programs.firefox.enable",)
    assert answer.installed == (
        Standing("/etc/nixos/luminous.nix:23", "programs.firefox.enable = true"),
    )


def test_of_a_file_that_one_may_not_read_a_package_has_only_the_place() -> None:
    machine = machine_with("programs.firefox.enable = true;")
    machine.private = frozenset({"/etc/nixos/configuration.nix", "/etc/nixos/luminous.nix"})
    assert package("git", machine).installed == (Standing("/etc/nixos/configuration.nix:3"),)
    assert package("firefox", machine).installed == (Standing("/etc/nixos/luminous.nix:23"),)
    assert package("git", machine, uid=0).installed[0].value == "environment.systemPackages"


def test_a_package_that_is_not_there_has_no_place() -> None:
    assert package("vim").installed == ()


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("hellp", UnknownPackage, "Did you mean hello?"),
        ("oldname", UnknownPackage, "it was renamed to newname"),
        ("a b", InvalidValue, "is not the name of a package"),
    ],
)
def test_what_is_no_package_is_refused_by_name(
    name: str, error: type[LuminousError], said: str
) -> None:
    with pytest.raises(error) as caught:
        package(name)
    assert said in caught.value.message
