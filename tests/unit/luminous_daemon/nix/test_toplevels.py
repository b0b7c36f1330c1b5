"""Built systems: their units, what a reboot is needed for, and the machine's health."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.facts import Unit
from luminous_daemon.nix import health
from luminous_daemon.nix.disks import MountedDisks
from luminous_daemon.nix.health import SystemdHealth
from luminous_daemon.nix.toplevels import BuiltSystems

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.luminous_daemon.nix.recorder import Recorder


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Give a built system of two units, one of them wanted."""
    units = tmp_path / "system" / "etc" / "systemd" / "system"
    (units / "multi-user.target.wants").mkdir(parents=True)
    (units / "a.service").write_text("[Service]\nExecStart=a\n")
    (units / "b.service").write_bytes(b"[Service]\nExecStart=\xff\n")
    (units / "multi-user.target.wants" / "a.service").symlink_to("../a.service")
    (units / "masked.service").symlink_to("/dev/null")
    (units / "a.service.d").mkdir()
    return tmp_path / "system"


def test_units_are_read_with_whether_something_wants_them(system: Path) -> None:
    assert BuiltSystems().units(str(system)) == {
        "a.service": Unit("[Service]\nExecStart=a\n", is_wanted=True, is_generated=False),
        "b.service": Unit(
            "[Service]\nExecStart=\N{REPLACEMENT CHARACTER}\n", is_wanted=False, is_generated=False
        ),
    }


def test_a_unit_has_its_drop_ins_and_so_has_an_instance_of_a_template(system: Path) -> None:
    units = system / "etc" / "systemd" / "system"
    (units / "a.service.d" / "overrides.conf").write_text("[Service]\nUser=a\n")
    (units / "a.service.d" / "masked.conf").symlink_to("/dev/null")
    (units / "t@.service").write_text("[Service]\nExecStart=t\n")
    (units / "t@x.service.d").mkdir()
    (units / "t@x.service.d" / "overrides.conf").write_text("[Service]\nUser=x\n")
    (units / "gone@x.service.d").mkdir()
    found = BuiltSystems().units(str(system))
    assert found["a.service"].text == "[Service]\nExecStart=a\n\n[Service]\nUser=a\n"
    assert found["t@x.service"].text == "[Service]\nExecStart=t\n\n[Service]\nUser=x\n"
    assert "gone@x.service" not in found


def test_the_units_of_users_are_read_apart(system: Path) -> None:
    users = system / "etc" / "systemd" / "user"
    users.mkdir()
    (users / "u.service").write_text("[Service]\n")
    assert list(BuiltSystems().user_units(str(system))) == ["u.service"]
    assert "u.service" not in BuiltSystems().units(str(system))


@pytest.mark.parametrize("toplevel", ["/nix/store/absent", ""])
def test_a_system_that_is_not_there_has_no_units(toplevel: str) -> None:
    assert BuiltSystems().units(toplevel) == {}


def test_a_reboot_is_for_the_kernel_the_initrd_and_the_parameters(
    system: Path, tmp_path: Path
) -> None:
    for name in ("kernel", "initrd"):
        (tmp_path / name).touch()
        (system / name).symlink_to(tmp_path / name)
    (system / "kernel-params").write_text("quiet loglevel=4\n")
    assert BuiltSystems().boot(str(system)) == {
        "kernel": str(tmp_path / "kernel"),
        "initrd": str(tmp_path / "initrd"),
        "parameters": "quiet loglevel=4",
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"dbus-implementation":"dbus"}\n', {"dbus-implementation": "dbus"}),
        ("{}", {}),
        ("not JSON", {}),
        ("[1]", {}),
        (None, {}),
    ],
)
def test_switch_inhibitors_are_read_as_nixos_does(
    system: Path, content: str | None, expected: dict[str, str]
) -> None:
    if content is not None:
        (system / "switch-inhibitors").write_text(content)
    assert BuiltSystems().inhibitors(str(system)) == expected


def test_what_boots_has_a_size_where_it_is_there(system: Path, tmp_path: Path) -> None:
    (tmp_path / "kernel").write_bytes(b"x" * 100)
    (system / "kernel").symlink_to(tmp_path / "kernel")
    assert BuiltSystems().boot_sizes(str(system)) == {"kernel": 100}


def test_a_file_system_is_told_from_another_and_has_so_much_room(tmp_path: Path) -> None:
    here = MountedDisks().holding(str(tmp_path))
    there = MountedDisks().holding("/proc")
    assert here is not None
    assert there is not None
    assert here.identity != there.identity
    assert 0 < here.free < 2**60
    assert MountedDisks().holding(str(tmp_path / "absent")) is None


def test_health_is_the_units_that_have_failed(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "find_program", lambda *_: "/bin/systemctl")
    recorder.answer("a.service loaded failed failed A\n\nb.mount not-found failed failed B\n")
    assert asyncio.run(SystemdHealth({}).measure()).failed_units == {"a.service", "b.mount"}
    assert recorder.argvs == [
        (
            "systemctl",
            "list-units",
            "--state=failed",
            "--all",
            "--plain",
            "--no-legend",
            "--no-pager",
        )
    ]


def test_without_systemctl_nothing_is_known_to_have_failed(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "find_program", lambda *_: None)
    assert asyncio.run(SystemdHealth({}).measure()).failed_units == frozenset()
    assert recorder.commands == []
