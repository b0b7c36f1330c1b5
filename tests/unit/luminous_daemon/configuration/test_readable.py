"""Who may read a file: everybody, its owner, or, where that is not sure, root alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.readable import may_read

if TYPE_CHECKING:
    from pathlib import Path

STRANGER = 54321


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Make a file that everybody may read, on the way to which nothing is closed."""
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o011)
    made = tmp_path / "folder" / "default.nix"
    made.parent.mkdir(mode=0o755)
    made.write_text("{ }")
    made.chmod(0o644)
    return made


def test_everybody_may_read_what_is_open_also_by_the_names_that_flakes_give_it(file: Path) -> None:
    for name in (f"{file}", f"{file}#web", f"{file}, via option flake.web", f"{file.parent}"):
        assert may_read(name, STRANGER)


@pytest.mark.parametrize(("mode", "folder_mode"), [(0o600, 0o755), (0o640, 0o755), (0o644, 0o700)])
def test_only_root_and_the_owner_may_read_what_is_closed(
    file: Path, mode: int, folder_mode: int
) -> None:
    link = file.parent.with_name("link.nix")
    link.symlink_to(file)
    file.chmod(mode)
    file.parent.chmod(folder_mode)
    for name in (file, link, file.parent, f"{file}#web"):
        asked = (0, os.getuid(), STRANGER)
        assert [may_read(str(name), uid) for uid in asked] == [True, True, False]


@pytest.mark.parametrize("name", ["/there/is/none.nix", "/a\0b"])
def test_of_a_file_that_cannot_be_looked_at_only_root_knows(name: str) -> None:
    assert (may_read(name, STRANGER), may_read(name, 0)) == (False, True)
