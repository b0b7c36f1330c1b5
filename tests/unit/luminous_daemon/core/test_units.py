"""Units: what a switch would do to them, told from their files alone."""

from __future__ import annotations

import pytest

from luminous_daemon.core.facts import Unit
from luminous_daemon.core.units import comparable, compare_units, for_users
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


@pytest.mark.parametrize("name", ["a.service", "a.timer", "a.mount", "a.swap", "dbus.service"])
def test_a_changed_unit_restarts(name: str) -> None:
    assert effects(PLAIN, NEWER, name) == UnitEffects(restart=(name,))


@pytest.mark.parametrize("name", ["a.socket", "a.path"])
def test_what_systemd_takes_over_by_itself_is_left_alone(name: str) -> None:
    assert not effects(PLAIN, NEWER, name)


@pytest.mark.parametrize("name", ["-.mount", "nix.mount"])
def test_what_cannot_be_unmounted_is_mounted_anew(name: str) -> None:
    assert effects("[Mount]\nWhat=a\n", "[Mount]\nWhat=b\n", name) == UnitEffects(reload=(name,))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[Unit]\nDescription=a\n", "[Unit]\nDescription=b\n", ""),
        ("[Unit]\nDescription=a\n", "", ""),
        ("[Install]\nWantedBy=a\n", "[Install]\nWantedBy=b\n", ""),
        ("[Unit]\nX-Reload-Triggers=a\n", "[Unit]\nX-Reload-Triggers=b\n", "reload"),
        ("", "[Unit]\nX-Reload-Triggers=b\n", "reload"),
        ("[Unit]\nX-Reload-Triggers=a\n", "", ""),
        ("[Unit]\nX-Restart-Triggers=a\n", "[Unit]\nX-Restart-Triggers=b\n", "restart"),
        ("[Unit]\nAfter=a\n", "[Unit]\nAfter=b\n", "restart"),
        ("[Service]\nExecReload=a\n", "[Service]\nExecReload=b\n", "reload"),
        ("[Service]\nExecReload=a\n", "", ""),
        ("", "[Service]\nExecReload=b\n", "reload"),
        ("[Service]\nExecReload=a\n", "[Service]\nExecReload=b\nUser=c\n", "restart"),
        ("[Service]\nUser=a\n", "", "restart"),
        ("[Service]\nUser=a\n", "[Service]\nUser = a\n# a word\n", ""),
        (
            "[Service]\nEnvironment=a\n",
            "[Service]\nEnvironment=b\nEnvironment=\nEnvironment=a\n",
            "",
        ),
    ],
)
def test_files_are_compared_by_what_they_say(before: str, after: str, expected: str) -> None:
    found = effects(before or PLAIN[:0], after)
    assert found == (UnitEffects(**{expected: ("a.service",)}) if expected else UnitEffects())


def test_other_options_of_a_mount_are_worth_a_remount() -> None:
    mount = "[Mount]\nWhat=a\nOptions={}\n"
    found = effects(mount.format("ro"), mount.format("rw"), "a.mount")
    assert found == UnitEffects(reload=("a.mount",))


def test_the_sockets_of_a_service_restart_with_it() -> None:
    socket = Unit("[Socket]\nListenStream=/a\n", is_wanted=True)

    def restarted(line: str) -> tuple[str, ...]:
        others = {"a.socket": socket, "b.socket": socket}
        before = {"a.service": Unit(PLAIN, is_wanted=True), **others}
        return compare_units(
            before, {"a.service": Unit(NEWER + line, is_wanted=True), **others}
        ).restart

    assert restarted("") == ("a.service", "a.socket")
    assert restarted("Sockets=b.socket\n") == ("a.service", "b.socket")
    assert restarted("X-StopIfChanged=false\n") == ("a.service",)


def test_what_stays_when_it_vanishes_says_so() -> None:
    assert not effects("[Unit]\nX-StopOnRemoval=false\n", None)


def test_units_that_packages_bring_are_not_held_against_an_evaluation() -> None:
    built = {
        "own.service": Unit(PLAIN, is_wanted=True),
        "journal.service": Unit(PLAIN, is_wanted=True, is_generated=False),
        "nixd.service": Unit(PLAIN, is_wanted=True, is_generated=False),
    }
    evaluated = {"nixd.service": Unit("[Service]\nNice=5\n", is_wanted=True)}
    assert compare_units(*comparable(built, evaluated)) == UnitEffects(stop=("own.service",))


def test_units_of_users_are_told_from_the_systems() -> None:
    both = for_users(UnitEffects(start=("a.service",)), UnitEffects(start=("a.service",)))
    assert both.start == ("a.service", "a.service (user)")


@pytest.mark.parametrize("name", ["a.service", "a.mount", "a.swap", "a.timer"])
def test_a_new_unit_starts_and_a_vanished_one_stops(name: str) -> None:
    assert effects(None, PLAIN, name) == UnitEffects(start=(name,))
    assert effects(PLAIN, None, name) == UnitEffects(stop=(name,))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X-ReloadIfChanged=true", UnitEffects(reload=("a.service",))),
        ("X-RestartIfChanged=false", UnitEffects()),
        ("X-RestartIfChanged=0", UnitEffects()),
        ("[Unit]\nRefuseManualStop=true", UnitEffects()),
        ("[Unit]\nX-OnlyManualStart=true", UnitEffects()),
        ("X-StopIfChanged=false", UnitEffects(restart=("a.service",))),
        ("Type=oneshot", UnitEffects()),
        ("Type=oneshot\nRemainAfterExit=yes", UnitEffects(restart=("a.service",))),
        ("  Type = oneshot  ", UnitEffects()),
    ],
)
def test_a_changed_units_own_file_decides(line: str, expected: UnitEffects) -> None:
    assert effects(PLAIN, f"{NEWER}{line}\n") == expected


@pytest.mark.parametrize(
    "name",
    ["emergency.service", "rescue.service", "getty@.service", "a.target", "a.slice"],
)
def test_units_that_a_switch_leaves_alone_are_not_named(name: str) -> None:
    assert not effects(PLAIN, NEWER, name)
    assert not effects(None, PLAIN, name)
    assert not effects(PLAIN, None, name)


def test_a_new_unit_that_nothing_wants_does_not_start() -> None:
    assert not compare_units({}, {"a.service": Unit(PLAIN, is_wanted=False)})
    assert not effects(None, f"{PLAIN}[Unit]\nX-OnlyManualStart=true\n")


def test_effects_are_in_the_order_of_names() -> None:
    units = {f"{name}.service": Unit(PLAIN, is_wanted=True) for name in "cab"}
    assert compare_units({}, units).start == ("a.service", "b.service", "c.service")
