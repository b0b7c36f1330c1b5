"""Units: what a switch would do to them, told from their files alone."""

from __future__ import annotations

import pytest

from luminous_daemon.core.facts import Unit
from luminous_daemon.core.units import compare_units
from luminous_protocol.plan import UnitEffects

PLAIN = "[Service]\nExecStart=/nix/store/a/bin/x\n"
NEWER = "[Service]\nExecStart=/nix/store/b/bin/x\n"


def effects(before: str | None, after: str | None, name: str = "a.service") -> UnitEffects:
    """Compare two systems with one unit at most; a text of None is no unit."""
    return compare_units(
        {} if before is None else {name: Unit(before, is_wanted=True)},
        {} if after is None else {name: Unit(after, is_wanted=True)},
    )


def test_equal_units_are_left_alone() -> None:
    assert not effects(PLAIN, PLAIN)


@pytest.mark.parametrize("name", ["a.service", "a.socket", "a.timer", "a.path"])
def test_a_changed_unit_restarts(name: str) -> None:
    assert effects(PLAIN, NEWER, name) == UnitEffects(restart=(name,))


@pytest.mark.parametrize("name", ["a.service", "a.mount", "a.swap", "a.timer"])
def test_a_new_unit_starts_and_a_vanished_one_stops(name: str) -> None:
    assert effects(None, PLAIN, name) == UnitEffects(start=(name,))
    assert effects(PLAIN, None, name) == UnitEffects(stop=(name,))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X-ReloadIfChanged=true", UnitEffects(reload=("a.service",))),
        ("X-RestartIfChanged=false", UnitEffects()),
        ("RefuseManualStop=true", UnitEffects()),
        ("Type=oneshot", UnitEffects()),
        ("Type=oneshot\nRemainAfterExit=yes", UnitEffects(restart=("a.service",))),
        ("  Type = oneshot  ", UnitEffects()),
    ],
)
def test_a_changed_units_own_file_decides(line: str, expected: UnitEffects) -> None:
    assert effects(PLAIN, f"{NEWER}{line}\n") == expected


@pytest.mark.parametrize(
    "name",
    ["dbus.service", "systemd-logind.service", "getty@.service", "a.target", "a.slice"],
)
def test_units_that_a_switch_leaves_alone_are_not_named(name: str) -> None:
    assert not effects(PLAIN, NEWER, name)
    assert not effects(None, PLAIN, name)
    assert not effects(PLAIN, None, name)


def test_a_new_unit_that_nothing_wants_does_not_start() -> None:
    assert not compare_units({}, {"a.service": Unit(PLAIN, is_wanted=False)})
    assert not effects(None, f"{PLAIN}X-OnlyManualStart=true\n")


def test_effects_are_in_the_order_of_names() -> None:
    units = {f"{name}.service": Unit(PLAIN, is_wanted=True) for name in "cab"}
    assert compare_units({}, units).start == ("a.service", "b.service", "c.service")
