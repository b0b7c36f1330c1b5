"""The main job on each of the two bus libraries that the daemon can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    own_file,
    running_system,
    state_of,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

HELLO = {"kind": "add-package", "package": "hello"}


@pytest.fixture(scope="module", params=["dbus-next", "dbus-fast"])
def machine(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Start a sandbox whose daemon uses one of the libraries."""
    with Sandbox(SandboxOptions(dbus_library=request.param)) as sandbox:
        status = ask(sandbox, "status").document["status"]
        assert status["bus_library"].replace("_", "-") == request.param
        yield sandbox
        assert "Traceback" not in sandbox.daemon_log


def test_install_undo_update_and_rollback(machine: Sandbox) -> None:
    text, system = own_file(machine), running_system(machine)
    for words in ("install hello", "undo"):
        assert ask(machine, "--yes", words).code == 0
        assert_is_system(machine, default_generation(machine))
    assert (own_file(machine), running_system(machine)) == (text, system)
    assert ask(machine, "--yes", "update the system").code == 0
    assert ask(machine, "--yes", "rollback", "1").code == 0
    assert_is_system(machine, 1)


def test_refusals_and_failures(machine: Sandbox) -> None:
    before = state_of(machine)
    machine.set_agent("deny")
    assert ask(machine, "--yes", "install cowsay").document["error"]["name"] == "NotAuthorized"
    machine.set_agent("dismiss")
    assert ask(machine, "--yes", "install cowsay").document["error"]["name"] == "Dismissed"
    machine.set_agent("allow")
    failed = ask(machine, "--yes", "install fails-to-build")
    assert failed.document["error"]["name"] == "BuildFailed"
    machine.set_knob("switch-fails")
    failed = ask(machine, "--yes", "install figlet")
    assert failed.document["error"]["name"] == "ActivationFailed"
    machine.clear_knob("switch-fails")
    assert state_of(machine) == before


def test_the_sender_is_told_apart_and_cancelling_works(machine: Sandbox) -> None:
    before = state_of(machine)
    with Client(machine) as alice, Client(machine, "bob") as bob:
        plan = alice.plan(HELLO)
        with pytest.raises(Refused) as caught:
            bob.apply(plan)
        assert caught.value.name == "NotAuthorized"
        alice.send(plan, (PLAN, "Discard"))
        slow = alice.apply(alice.plan({"kind": "add-package", "package": "slow-build"}))
        wait_until(lambda: "slow-build" in alice.transaction(slow)["Detail"]["package"])
        alice.cancel(slow)
        assert alice.until(slow)["State"] == "cancelled"
    assert state_of(machine) == before


def test_a_thousand_signals_and_calls_pass(machine: Sandbox) -> None:
    with Client(machine) as alice:
        for _ in range(300):
            path = alice.system("Plan", "aa{sv}a{sv}", [{"kind": "collect-garbage"}], {})
            alice.send(path, (PLAN, "Discard"))
        added = [signal for signal in alice.signals() if signal[2] == "InterfacesAdded"]
        assert len(added) == 300
        assert alice.system("Status")["busy"] is False
