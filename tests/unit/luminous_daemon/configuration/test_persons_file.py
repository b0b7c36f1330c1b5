"""A file that a person wrote, as one user may have it mended: which ones are looked at at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.persons_file import PersonsFile
from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.placing import NotPlaced
from luminous_protocol.changes import RepairFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = "{ ... }:\n{\n  networking.hostNam = 1;\n}\n"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[str], PersonsFile]:
    """Look, as root, at files of a configuration that has no `configuration.nix`."""
    folder = tmp_path / "etc"
    (folder / "hosts").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/config.nix").write_text(TEXT)
    (folder / "hosts/atlas.nix").write_text(TEXT)
    (folder / "hosts/link.nix").symlink_to("atlas.nix")
    (folder / "hosts/text").write_text(TEXT)
    (tmp_path / "other.nix").write_text(TEXT)
    (folder / "out").symlink_to("..")
    return lambda name: PersonsFile(folder / name, folder, folder / "configuration.nix", 0)


def rename(file: str = "/a.nix") -> RepairFile:
    """Return what mends the file."""
    return RepairFile(file, "rename", "networking.hostNam", "networking.hostName")


def test_a_file_is_mended_where_no_other_file_has_a_usual_name(
    opened: Callable[[str], PersonsFile],
) -> None:
    mended = opened("hosts/atlas.nix").plan_repairs([rename()])
    assert mended.edit.after == TEXT.replace("hostNam", "hostName")
    assert mended.problem == ""
    assert "\n-  networking.hostNam = 1;\n+  networking.hostName = 1;\n" in mended.edit.diff


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../other.nix", "no file of the configuration"),
        ("out/other.nix", "no file of the configuration"),
        ("hosts/text", "no file of the configuration"),
        ("hosts/link.nix", "symbolic link"),
        ("hosts/none.nix", "there is no such file"),
        ("hosts", "no file of the configuration"),
    ],
)
def test_what_is_no_nix_file_of_the_configuration_is_left_alone(
    opened: Callable[[str], PersonsFile], name: str, why: str
) -> None:
    with pytest.raises(NotPlaced, match=why):
        opened(name).plan_repairs([rename()])


def test_a_repair_is_taken_back_to_the_byte_or_not_at_all(
    opened: Callable[[str], PersonsFile],
) -> None:
    file = opened("hosts/atlas.nix")
    before = FileEdit("x", "earlier", TEXT, "")
    assert file.plan_return(before).after == "earlier"
    with pytest.raises(NotPlaced, match="somebody has changed it since"):
        file.plan_return(FileEdit("x", "earlier", TEXT + " ", ""))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".git/config.nix", "no file of the configuration"),
        ("../other.nix", "no file of the configuration"),
        ("hosts/link.nix", "symbolic link"),
        ("hosts", "no file"),
        ("hosts/none.txt", "there is no such file"),
    ],
)
def test_what_is_not_a_file_of_the_configuration_is_not_made_known(
    opened: Callable[[str], PersonsFile], name: str, why: str
) -> None:
    with pytest.raises(NotPlaced, match=why):
        opened(name).check_trackable()


def test_what_only_its_owner_may_read_is_not_made_known(
    opened: Callable[[str], PersonsFile], tmp_path: Path
) -> None:
    opened("hosts/text").check_trackable()
    (tmp_path / "etc/hosts/text").chmod(0o600)
    with pytest.raises(NotPlaced, match="not everybody may read it"):
        opened("hosts/text").check_trackable()
