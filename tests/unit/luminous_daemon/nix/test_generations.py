"""Generations: read from the profile's links, marked by what runs, booted and boots."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.nix import generations as module
from luminous_daemon.nix.generations import SystemProfile, kernel_version
from luminous_protocol.errors import Internal

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_daemon.core.ports import Generation
    from tests.unit.luminous_daemon.nix.recorder import Recorder


SCRIPT = """\
#!/nix/store/bash/bin/bash
case "$1" in
  --json)
    cat <<EOF
{"configurationRevision":"abc123","nixosVersion":"26.05.1"}
EOF
    ;;
esac
"""


class Machine:
    """Links and systems in a folder, as NixOS has them."""

    def __init__(self, root: Path) -> None:
        """Make the folders."""
        self.root = root
        self.profiles = root / "profiles"
        self.profiles.mkdir()
        self.current = root / "current-system"
        self.booted = root / "booted-system"

    def system(self, name: str, version: str = "25.11", kernel: str = "6.12.1") -> Path:
        """Make a system in the store."""
        path = self.root / "store" / name
        (path / "kernel-modules/lib/modules" / kernel).mkdir(parents=True)
        (path / "nixos-version").write_text(f"{version}\n")
        return path

    def generation(self, number: int, system: Path, date: int) -> None:
        """Make a link of the profile."""
        link = self.profiles / f"system-{number}-link"
        link.symlink_to(system)
        os.utime(link, (date, date), follow_symlinks=False)

    def point(self, link: Path, target: Path, date: int = 0) -> None:
        """Let a link point somewhere, since a date."""
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        os.utime(link, (date, date), follow_symlinks=False)

    @property
    def profile(self) -> SystemProfile:
        """The profile."""
        return SystemProfile(self.profiles / "system")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give a machine of three generations: 2 was booted, 3 runs, 11 will boot."""
    machine = Machine(tmp_path)
    monkeypatch.setattr(module, "CURRENT_SYSTEM", machine.current)
    monkeypatch.setattr(module, "BOOTED_SYSTEM", machine.booted)
    for number, kernel in ((2, "6.6.1"), (3, "6.12.1"), (11, "6.12.2")):
        machine.generation(number, machine.system(f"s{number}", kernel=kernel), 1000 * number)
    machine.point(machine.profiles / "system", machine.profiles / "system-11-link")
    machine.point(machine.booted, machine.root / "store" / "s2", 2500)
    machine.point(machine.current, machine.root / "store" / "s3", 3500)
    return machine


def marks(generations: list[Generation]) -> dict[int, str]:
    """Return what is marked of each generation."""
    return {
        item.number: "".join(
            mark
            for mark, is_set in zip(
                "cbd", (item.is_current, item.is_booted, item.is_default), strict=True
            )
            if is_set
        )
        for item in generations
    }


def test_generations_come_newest_first_with_what_a_person_asks_about(machine: Machine) -> None:
    found = machine.profile.generations()
    assert [item.number for item in found] == [11, 3, 2]
    assert marks(found) == {11: "d", 3: "c", 2: "b"}
    newest = found[0]
    assert newest.toplevel == str(machine.root / "store" / "s11")
    assert (newest.date, newest.nixos_version, newest.kernel) == (11_000, "25.11", "6.12.2")
    assert (newest.configuration_revision, newest.specialisations) == ("", ())


def test_what_runs_and_what_boots_are_read_from_their_links(machine: Machine) -> None:
    profile = machine.profile
    assert profile.running() == str(machine.root / "store" / "s3")
    assert profile.booted() == str(machine.root / "store" / "s2")
    assert profile.default() == 11


def test_several_generations_of_one_system_are_told_apart(machine: Machine) -> None:
    machine.generation(12, machine.root / "store" / "s3", 12_000)
    assert marks(machine.profile.generations())[12] == "c", "the newest, where none is the default"
    machine.point(machine.profiles / "system", machine.profiles / "system-3-link")
    assert marks(machine.profile.generations())[3] == "cd"
    machine.generation(13, machine.root / "store" / "s2", 13_000)
    assert marks(machine.profile.generations())[2] == "b", "13 was not there at boot"


def test_links_that_are_not_of_the_profile_are_left_out(machine: Machine) -> None:
    machine.point(machine.profiles / "system-x-link", machine.root)
    machine.point(machine.profiles / "other-5-link", machine.root)
    (machine.profiles / "system-profiles").mkdir()
    assert [item.number for item in machine.profile.generations()] == [11, 3, 2]


def test_a_system_that_is_gone_or_says_nothing_is_listed_all_the_same(machine: Machine) -> None:
    machine.generation(12, machine.root / "gone", 12_000)
    found = machine.profile.generations()[0]
    assert (found.number, found.nixos_version, found.kernel) == (12, "", "")


def test_a_machine_without_any_link_has_no_generation(tmp_path: Path, machine: Machine) -> None:
    (tmp_path / "empty").mkdir()
    profile = SystemProfile(tmp_path / "empty" / "system")
    assert (profile.generations(), profile.default()) == ([], 0)
    machine.current.unlink()
    machine.booted.unlink()
    assert (profile.running(), profile.booted()) == ("", "")
    assert marks(machine.profile.generations()) == {11: "d", 3: "", 2: ""}


def test_a_revision_and_specialisations_are_read_where_there_are_some(machine: Machine) -> None:
    system = machine.system("s12")
    (system / "sw/bin").mkdir(parents=True)
    (system / "sw/bin/nixos-version").write_text(SCRIPT)
    for name in ("gaming", "battery"):
        (system / "specialisation" / name).mkdir(parents=True)
    machine.generation(12, system, 12_000)
    found = machine.profile.generations()[0]
    assert found.configuration_revision == "abc123"
    assert found.specialisations == ("battery", "gaming")


@pytest.mark.parametrize(
    "text", ["not json", "[]", '{"configurationRevision": null}', '"configurationRevision":"\\x"']
)
def test_a_revision_that_cannot_be_read_is_none(machine: Machine, text: str) -> None:
    system = machine.system("s12")
    (system / "sw/bin").mkdir(parents=True)
    (system / "sw/bin/nixos-version").write_text(text)
    machine.generation(12, system, 12_000)
    assert machine.profile.generations()[0].configuration_revision == ""


def test_a_kernels_version_is_that_of_its_modules_or_of_its_name(tmp_path: Path) -> None:
    kernel = tmp_path / ("0" * 32 + "-linux-6.12.9") / "bzImage"
    kernel.parent.mkdir()
    kernel.touch()
    system = tmp_path / "system"
    system.mkdir()
    assert kernel_version(system) == ""
    (system / "kernel").symlink_to(kernel)
    assert kernel_version(system) == "6.12.9"
    (system / "kernel-modules" / "lib" / "modules" / "6.12.9-rt").mkdir(parents=True)
    assert kernel_version(system) == "6.12.9-rt"


def test_generations_are_deleted_by_number(machine: Machine, recorder: Recorder) -> None:
    asyncio.run(machine.profile.delete([2, 3]))
    profile = str(machine.profiles / "system")
    assert recorder.argvs == [("nix-env", "--profile", profile, "--delete-generations", "2", "3")]
    recorder.answer("", "error: cannot delete current generation", status=1)
    with pytest.raises(Internal, match="cannot delete current generation"):
        asyncio.run(machine.profile.delete([11]))
