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
_NOTHING: Final = Call(destination=NOOP_NAME, path="/", interface=NOOP_NAME, member="Nothing")


def status(bench: Bench) -> list[Row]:
    """Measure a round trip of `Status` through the daemon."""
    laps: dict[str, Lap] = {"ours": {"call": _system("Status")}, "reference": {"call": _NOTHING}}
    with bench.machine() as machine, machine.noop():
        found = machine.medians(laps, bench.effort.runs(1000, 200))
    return [
        Row(
            name="status-round-trip",
            what="`Status` over an open connection, reply read",
            against="a method that does nothing and answers nothing, on the same library",
            unit="ms",
            budget=Budget(factor=1.3),
            **found,
        )
    ]


def generations(bench: Bench) -> list[Row]:
    """Measure listing many generations over the bus."""
    listing = ["nix-env", "--profile", f"{_PROFILES}/system", "--list-generations"]
    laps: dict[str, Lap] = {
        "list-generations": {"call": _system("ListGenerations"), "until": "arrived"},
        "list-generations-read": {"call": _system("ListGenerations")},
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
        for name, until in (
            ("list-generations", "until the reply has arrived"),
            ("list-generations-read", "reply read into Python's objects by jeepney"),
        )
    ]


def _system(member: str) -> Call:
    return Call(destination=BUS_NAME, path=ROOT_PATH, interface=SYSTEM, member=member)


def _make_generations(machine: Machine) -> None:
    """Make more generations of the one that is there, as links are all that they are."""
    target = machine.path(f"{_PROFILES}/system-1-link").readlink()
    for number in range(2, _GENERATIONS + 1):
        machine.path(f"{_PROFILES}/system-{number}-link").symlink_to(target)
