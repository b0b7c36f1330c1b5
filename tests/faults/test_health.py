"""A switch that takes the network away: the machine goes back at once, and it is said why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.faults.tally import injected
from tests.integration.bus_client import Client
from tests.integration.machine_state import processes, state_of, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("health")]
GROUP = "health after a switch"
GATEWAY = "gateway.example"
SETTINGS = f'network_seconds = 1\nlookup = "{GATEWAY}"\n'
ADD = ["ip", "route", "add", "default", "dev", "lo"]
REMOVE = ["ip", "route", "del", "default"]
OTHER_METRIC = "ip route del default && ip route add default dev lo metric 7"


@pytest.fixture(scope="module")
def networked() -> Iterator[tuple[Sandbox, Client]]:
    """Start a machine with a default route, which finds one name."""
    with Sandbox(SandboxOptions(settings=SETTINGS)) as sandbox:
        sandbox.set_knob("slow-switch", "1 always")
        with Client(sandbox) as alice:
            yield sandbox, alice


@pytest.fixture
def machine(networked: tuple[Sandbox, Client]) -> tuple[Sandbox, Client]:
    """Give the machine with its network whole."""
    sandbox, _ = networked
    sandbox.run(REMOVE, user="root")
    assert sandbox.run(ADD, user="root").returncode == 0
    hosts = sandbox.path("/etc/hosts")
    hosts.write_text(f"127.0.0.1 localhost\n192.0.2.1 {GATEWAY}\n")
    return networked


def switch(machine: tuple[Sandbox, Client], meanwhile: str) -> tuple[str, str]:
    """Install something; let a shell do something in the middle of the switch."""
    sandbox, alice = machine
    path = alice.apply(alice.plan({"kind": "add-package", "package": "hello"}))
    wait_until(lambda: any(line == "test" for line in processes(sandbox)))
    assert sandbox.run(["sh", "-c", meanwhile], user="root").returncode == 0
    ended = alice.until(path)
    return ended["State"], ended["Result"]["message"]


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        ("ip route del default", "default-route (there is none)"),
        ("echo >/etc/hosts", f"name-lookup ({GATEWAY} is not found)"),
    ],
)
def test_a_switch_that_takes_the_network_away_is_put_back(
    machine: tuple[Sandbox, Client], meanwhile: str, told: str
) -> None:
    with injected(GROUP, told):
        before = state_of(machine[0])
        state, message = switch(machine, meanwhile)
        assert state == "failed"
        assert message.startswith("After the switch these probes fail: ")
        assert told in message
        assert message.endswith("Everything was put back as it was.")
        assert state_of(machine[0]) == before


def test_another_metric_is_no_worse(machine: tuple[Sandbox, Client]) -> None:
    with injected(GROUP, "another metric"):
        assert switch(machine, OTHER_METRIC)[0] == "done"
        _, alice = machine
        assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


def test_a_machine_without_a_network_can_be_changed(machine: tuple[Sandbox, Client]) -> None:
    with injected(GROUP, "no network before"):
        sandbox, alice = machine
        assert sandbox.run(REMOVE, user="root").returncode == 0
        assert switch(machine, "echo >/etc/hosts")[0] == "done"
        assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"
