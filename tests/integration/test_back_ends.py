"""Both activation back ends keep one contract: test, then default; failures are put back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    generation_target,
    has_program,
    running_system,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

HELLO = {"kind": "add-package", "package": "hello"}
# Knobs turn against systems that never ran, so each of those tests has a package of its own.
KNOBS = {"switch-fails": "figlet", "boot-fails": "cowsay", "service-fails": "fd"}


@pytest.fixture(scope="module", params=["native", "nixos-rebuild"])
def machine(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Start a sandbox whose daemon has one of the back ends."""
    variables = {"LUMINOUS_NIX_PYTHON_BACKEND": "false"} if request.param != "native" else {}
    library = os.environ.get("LUMINOUS_DBUS_LIBRARY")
    with Sandbox(SandboxOptions(environment=variables, dbus_library=library)) as sandbox:
        assert ask(sandbox, "status").document["status"]["backend"] == request.param
        yield sandbox


@pytest.fixture
def alice(machine: Sandbox) -> Iterator[Client]:
    """Connect as alice; afterwards no knob is on and the log tells of no defect."""
    with Client(machine) as client:
        yield client
    for knob in machine.knobs():
        machine.clear_knob(knob)
    assert "Traceback" not in machine.daemon_log


def test_a_change_and_its_undo(machine: Sandbox, alice: Client) -> None:
    before = default_generation(machine)
    ended = alice.carry_out(HELLO)
    assert ended["State"] == "done", ended
    assert_is_system(machine, before + 1)
    assert has_program(machine, "hello")
    assert ask(machine, "--yes", "undo").code == 0
    assert_is_system(machine, before + 2)
    assert not has_program(machine, "hello")


def test_test_boot_and_build(machine: Sandbox, alice: Client) -> None:
    before, number = state_of(machine), default_generation(machine)
    ended = alice.carry_out(HELLO, mode="build")
    built = ended["Result"]["toplevel"]
    assert state_of(machine) == before
    alice.carry_out(HELLO, mode="test")
    assert running_system(machine) == built
    assert state_of(machine).links == before.links
    assert state_of(machine).boot == before.boot
    assert alice.until(alice.system("Rollback", "ta{sv}", number, {}))["State"] == "done"
    assert state_of(machine) == before
    alice.carry_out(HELLO, mode="boot")
    assert running_system(machine) == before.running
    assert generation_target(machine, number + 1) == built
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


def test_rollback_by_number(machine: Sandbox, alice: Client) -> None:
    first = default_generation(machine)
    assert alice.carry_out(HELLO)["State"] == "done"
    last = default_generation(machine)
    for number in (1, last, first, last):
        ended = alice.until(alice.system("Rollback", "ta{sv}", number, {}))
        assert ended["State"] == "done", ended
        assert_is_system(machine, number)
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


@pytest.mark.parametrize("knob", list(KNOBS))
def test_what_does_not_come_up_is_put_back_and_said(
    machine: Sandbox, alice: Client, knob: str
) -> None:
    before, number = state_of(machine), default_generation(machine)
    install = {"kind": "add-package", "package": KNOBS[knob]}
    machine.set_knob(knob)
    ended = alice.carry_out(install)
    result = ended["Result"]
    assert (ended["State"], result["error"]) == ("failed", "ActivationFailed"), ended
    assert result["put-back"] is True, ended
    assert result["message"].endswith("Everything was put back as it was.")
    assert (result["running"], result["default"]) == (number, number)
    assert result["log"], ended
    assert state_of(machine) == before
    machine.clear_knob(knob)
    assert alice.carry_out(install)["State"] == "done"
    assert_is_system(machine, default_generation(machine))
    assert alice.carry_out({"kind": "remove-package", "package": KNOBS[knob]})["State"] == "done"


def test_a_rollback_that_does_not_come_up_is_put_back_too(machine: Sandbox, alice: Client) -> None:
    assert alice.carry_out(HELLO)["State"] == "done"
    before, number = state_of(machine), default_generation(machine)
    machine.set_knob("switch-fails", "always")
    ended = alice.until(alice.system("Rollback", "ta{sv}", 1, {}))
    # The knob is on for the way back as well: what could not be put back is said.
    assert (ended["State"], ended["Result"]["put-back"]) == ("failed", False)
    assert "the running system could not be put back" in ended["Result"]["message"]
    assert state_of(machine).links == before.links
    machine.clear_knob("switch-fails")
    ended = alice.until(alice.system("Rollback", "ta{sv}", number, {}))
    assert ended["State"] in {"done", "failed"}
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"
    assert_is_system(machine, default_generation(machine))


def test_a_boot_menu_that_cannot_be_written_leaves_no_generation(
    machine: Sandbox, alice: Client
) -> None:
    before = state_of(machine)
    machine.set_knob("boot-fails")
    ended = alice.carry_out({"kind": "add-package", "package": "jq"}, mode="boot")
    assert ended["Result"]["error"] == "ActivationFailed"
    assert any("No space left on device" in line for line in ended["Result"]["log"])
    assert state_of(machine) == before


def test_unconfirmed_goes_back_and_confirmed_stays(machine: Sandbox, alice: Client) -> None:
    before = state_of(machine)
    ended = alice.carry_out(HELLO, confirm_within=1)
    assert ended["Result"]["error"] == "Unconfirmed"
    assert "Nobody confirmed within 1 seconds" in ended["Result"]["message"]
    assert state_of(machine) == before
    path = alice.apply(alice.plan(HELLO), confirm_within=60)
    assert alice.until(path, "confirming")["State"] == "confirming"
    assert has_program(machine, "hello")
    asked = ask(machine, "confirm")
    assert asked.code == 0, asked.document
    assert alice.until(path)["State"] == "done"
    assert_is_system(machine, default_generation(machine))
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"
