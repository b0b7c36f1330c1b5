"""Why something is here: the shortest way to it, what it weighs, and the lines that bring it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.core.explaining.closures import needed_by, shortest_chain, users_of
from luminous_daemon.core.explaining.presence import Presence, Tracing
from luminous_daemon.core.explaining.sights import Requisite
from luminous_protocol.changes import Disable, RemovePackage
from luminous_protocol.errors import EvaluationFailed, InvalidValue, UnknownOption, UnknownPackage
from tests.unit.luminous_daemon.fake_evaluator import (
    FOREIGN,
    OPTIONS,
    PACKAGES,
    SWITCH,
    FakeEvaluator,
)
from tests.unit.luminous_daemon.fake_world import Machine, make_machine, make_world


def path(name: str) -> str:
    """Return a store path with a name."""
    return f"/nix/store/{'a' * 32}-{name}"


PATHS, GIT, HELLO, GLIBC, MAN = map(
    path, ("system-path", "git-2.51", "hello-2.12", "glibc-2.40", "hello-2.12-man")
)


def grown(machine: Machine) -> dict[str, Requisite]:
    """Return a closure of the running system: git and hello, both with glibc."""
    return {
        machine.running: Requisite(1, (PATHS,)),
        PATHS: Requisite(10, (GIT, HELLO, MAN)),
        GIT: Requisite(100, (GLIBC, GIT)),
        HELLO: Requisite(1_000, (GLIBC, MAN)),
        MAN: Requisite(5_000),
        GLIBC: Requisite(10_000, (GLIBC,)),
    }


@pytest.fixture
def machine() -> Machine:
    """Give a machine whose system has a closure."""
    machine = make_machine()
    machine.sights.graph = grown(machine)
    return machine


def explained(machine: Machine, name: str, uid: int = 1000) -> Presence:
    """Return why something is on a machine."""
    world = make_world(machine)
    return asyncio.run(Tracing(world, world.sights().references, uid).explain(name))


def test_a_package_of_a_person_is_traced_to_the_file_with_what_takes_it_away(
    machine: Machine,
) -> None:
    found = explained(machine, "git")
    assert found.is_there
    assert found.chain == (machine.running, PATHS, GIT)
    assert [item.place for item in found.standings] == ["/etc/nixos/configuration.nix:3"]
    assert found.changes == (RemovePackage("git"),)
    assert found.weight is not None
    assert (found.weight.own, found.weight.closure, found.weight.exclusive) == (100, 10_100, 100)


def test_what_comes_along_is_told_with_the_package_that_needs_it(machine: Machine) -> None:
    found = explained(machine, "glibc")
    assert (found.kind, found.version, found.via) == ("path", "2.40", "git")
    assert found.users == ("git", "hello")
    assert [item.place for item in found.standings] == ["/etc/nixos/configuration.nix:3"]
    assert found.changes == ()


def test_a_store_path_is_explained_as_such(machine: Machine) -> None:
    found = explained(machine, MAN)
    assert (found.kind, found.chain[-1]) == ("path", MAN)
    assert explained(machine, path("gone-1")).chain == ()


def test_the_program_itself_stands_for_its_other_outputs(machine: Machine) -> None:
    assert explained(machine, "hello").chain[-1] in {HELLO, MAN}
    assert explained(machine, "jq").is_there is False


def test_an_option_is_traced_to_its_definitions_and_a_set_to_its_switch(machine: Machine) -> None:
    line = "    { services.openssh.enable = true; } # alice, 2026-11-21 09:30:12 UTC: x\n  ];"
    machine.text = machine.text.replace("  ];", line)
    found = explained(machine, "services.openssh")
    assert (found.kind, found.name, found.value) == ("option", "services.openssh.enable", "true")
    assert found.standings
    assert found.changes == (Disable("services.openssh.enable"),)
    assert explained(machine, "services.sshd.enable").name == "services.openssh.enable"
    assert not explained(machine, "hardware.bluetooth.enable").changes


def test_a_name_that_is_only_a_service_is_told_by_its_switch(machine: Machine) -> None:
    found = explained(machine, "bluetooth")
    assert (found.kind, found.name) == ("service", "hardware.bluetooth.enable")


@pytest.mark.parametrize("name", ["sshd", "sshd.service", "ssh-server", "SSHD.service"])
def test_a_service_is_found_by_the_names_that_people_use(machine: Machine, name: str) -> None:
    found = explained(machine, name)
    assert (found.kind, found.name) == ("service", "services.openssh.enable")


def brought_by_nixos(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a module of NixOS list a package."""
    module = "nixos/modules/services/networking/a.nix"
    facts = replace(PACKAGES["vim"], attribute=name, name=name)
    monkeypatch.setitem(PACKAGES, name, replace(facts, is_installed=True, files=(module,)))
    monkeypatch.setattr(FakeEvaluator, "_package", lambda _self, name, *_: PACKAGES[name])


def test_what_a_module_lists_is_traced_to_the_line_that_switches_the_module_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought_by_nixos(monkeypatch, "networkmanager")
    switch = "networking.networkmanager.enable"
    monkeypatch.setitem(OPTIONS, switch, SWITCH)
    monkeypatch.setitem(FOREIGN, switch, (True, "/etc/nixos/configuration.nix"))
    found = explained(machine, "networkmanager")
    (line,) = found.standings
    assert line.place.startswith("/etc/nixos/configuration.nix")
    assert line.value == f"{switch} = true"
    assert found.changes == (Disable(switch),)


def test_what_only_nixos_sets_is_never_to_be_taken_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought_by_nixos(monkeypatch, "dbus")
    switch = "services.dbus.enable"
    monkeypatch.setitem(OPTIONS, switch, SWITCH)
    monkeypatch.setitem(FOREIGN, switch, (True, "nixos/modules/services/system/dbus.nix"))
    found = explained(machine, "dbus")
    assert found.standings
    assert found.changes == ()
    assert explained(machine, switch).changes == ()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nosuch", UnknownPackage),
        ("no.such.option", UnknownOption),
        ("a b", InvalidValue),
        ("$(reboot)", InvalidValue),
        ("/etc/passwd", InvalidValue),
    ],
)
def test_what_there_is_not_is_an_error(machine: Machine, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        explained(machine, name)


def test_a_system_that_nix_does_not_know_brings_nothing(machine: Machine) -> None:
    machine.sights.graph = {}
    assert explained(machine, "git").chain == ()


def test_graphs_with_circles_come_to_an_end() -> None:
    graph = {"a": Requisite(1, ("b",)), "b": Requisite(1, ("a", "b", "c")), "c": Requisite(1)}
    assert needed_by(graph, "a") == {"a", "b", "c"}
    assert needed_by(graph, "a", without="b") == {"a"}
    assert users_of(graph, "c") == {"a", "b"}
    assert shortest_chain(graph, "a", ["c"]) == ("a", "b", "c")
    assert shortest_chain(graph, "c", ["a"]) == ()
    assert shortest_chain(graph, "x", ["a"]) == ()


def test_a_configuration_that_does_not_evaluate_hides_the_lines_and_not_the_way(
    machine: Machine,
) -> None:
    machine.trouble("describer.package", EvaluationFailed("It does not evaluate."))
    found = explained(machine, "git")
    assert (found.chain[-1], found.standings) == (GIT, ())
    assert found.problem == "It does not evaluate."
    machine.trouble("describer.package", EvaluationFailed("It does not evaluate."))
    with pytest.raises(EvaluationFailed):
        explained(machine, "firefox")
