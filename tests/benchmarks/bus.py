"""The bus: what answers cost over a connection that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luminous_protocol.names import BUS_NAME, ROOT_PATH, SYSTEM
from tests.benchmarks.budget import Budget
from tests.benchmarks.machine import NOOP_NAME, Call, Lap
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from tests.benchmarks.machine import Machine
    from tests.benchmarks.suite import Bench

_GENERATIONS: Final = 200
_PROFILES: Final = "/nix/var/nix/profiles"
_ARRIVED: Final = "until the reply has arrived"
_READ: Final = "reply read into Python's objects by jeepney"
NOTHING: Final = Call(destination=NOOP_NAME, path="/", interface=NOOP_NAME, member="Nothing")
"""A call that comes to nothing, of the service that does nothing."""
STATUS: Final = Call(destination=BUS_NAME, path=ROOT_PATH, interface=SYSTEM, member="Status")


def status(bench: Bench) -> list[Row]:
    """Measure a round trip of `Status` through the daemon."""
    laps: dict[str, Lap] = {
        "status-round-trip": {"call": STATUS, "until": "arrived"},
        "status-round-trip-reference": {"call": NOTHING, "until": "arrived"},
        "status-read": {"call": STATUS},
        "status-read-reference": {"call": NOTHING},
    }
    with bench.machine() as machine, machine.noop():
        found = machine.medians(laps, bench.effort.runs(1000, 200))
    return [
        Row(
            name=name,
            what=f"`Status` over an open connection, {until}",
            against="a method that does nothing and answers nothing, on the same library",
            unit="ms",
            ours=found[name],
            reference=found[f"{name}-reference"],
            budget=Budget(factor=1.3),
        )
        for name, until in (("status-round-trip", _ARRIVED), ("status-read", _READ))
    ]


def generations(bench: Bench) -> list[Row]:
    """Measure listing many generations over the bus."""
    call = Call(destination=BUS_NAME, path=ROOT_PATH, interface=SYSTEM, member="ListGenerations")
    listing = ["nix-env", "--profile", f"{_PROFILES}/system", "--list-generations"]
    laps: dict[str, Lap] = {
        "list-generations": {"call": call, "until": "arrived"},
        "list-generations-read": {"call": call},
        "reference": {"argv": listing},
    }
    with bench.machine() as machine:
        _make_generations(machine)
        listed = machine.run(listing, user="root").stdout.count("\n")
        if listed != _GENERATIONS:
            raise RuntimeError(f"nix-env lists {listed} generations, not {_GENERATIONS}.")
        # As root, because nix-env wants to lock the profile even to list it.
        found = machine.medians(laps, bench.effort.runs(60, 15), user="root")
    return [
        Row(
            name=name,
            what=f"`ListGenerations` with {_GENERATIONS} of them, {until}",
            against="`nix-env --list-generations` of the same profile, its text not read",
            unit="ms",
            ours=found[name],
            reference=found["reference"],
            budget=Budget(factor=1 / 20),
        )
        for name, until in (("list-generations", _ARRIVED), ("list-generations-read", _READ))
    ]


def _make_generations(machine: Machine) -> None:
    """Make more generations of the one that is there, as links are all that they are."""
    target = machine.path(f"{_PROFILES}/system-1-link").readlink()
    for number in range(2, _GENERATIONS + 1):
        machine.path(f"{_PROFILES}/system-{number}-link").symlink_to(target)
