"""Ownership: who alone decides what lies at a path, beside root."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.nix.ownership import NoOwner, owner_of_way

if TYPE_CHECKING:
    from pathlib import Path

USERS = [account for account in pwd.getpwall() if account.pw_uid != 0]
MINE, OTHER = USERS[0], USERS[1]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a file, which are both of the one who runs the tests."""
    folder = tmp_path / "nixos"
    folder.mkdir(mode=0o755)
    (folder / "flake.nix").touch(mode=0o644)
    return folder


def give(path: Path, account: pwd.struct_passwd) -> Path:
    """Give a file, a directory or a link to somebody."""
    os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return path


@as_root
def test_what_is_roots_all_the_way_is_roots(folder: Path, tmp_path: Path) -> None:
    assert owner_of_way(folder / "flake.nix") == "root"
    (tmp_path / "etc-nixos").symlink_to(folder)
    (folder / "link.nix").symlink_to("../nixos/flake.nix")
    assert owner_of_way(tmp_path / "etc-nixos" / "link.nix") == "root"


@as_root
def test_a_file_of_root_in_the_directory_of_a_user_is_the_users(folder: Path) -> None:
    give(folder, MINE)
    assert owner_of_way(folder / "flake.nix") == MINE.pw_name


@as_root
def test_a_link_of_root_to_the_directory_of_a_user_gives_the_user(
    folder: Path, tmp_path: Path
) -> None:
    give(folder, MINE)
    give(folder / "flake.nix", MINE)
    (tmp_path / "etc-nixos").symlink_to(folder)
    assert owner_of_way(tmp_path / "etc-nixos" / "flake.nix") == MINE.pw_name


@as_root
@pytest.mark.parametrize("target", ["/etc/passwd", "secret"])
def test_a_users_link_to_a_file_of_root_is_the_users(
    folder: Path, tmp_path: Path, target: str
) -> None:
    (folder / "secret").touch()
    give(folder / "flake.nix", MINE).unlink()
    (folder / "flake.nix").symlink_to(target)
    give(folder / "flake.nix", MINE)
    assert owner_of_way(folder / "flake.nix") == MINE.pw_name
    (tmp_path / "another").symlink_to("nixos/flake.nix")
    assert owner_of_way(tmp_path / "another") == MINE.pw_name


@as_root
def test_a_way_of_two_users_is_nobodys(folder: Path) -> None:
    give(folder, MINE)
    give(folder / "flake.nix", OTHER)
    with pytest.raises(NoOwner, match="is not one user's") as refused:
        owner_of_way(folder / "flake.nix")
    assert f"{folder} ({MINE.pw_name})" in str(refused.value)
    assert f"{folder}/flake.nix ({OTHER.pw_name})" in str(refused.value)


@as_root
@pytest.mark.parametrize("mode", [0o775, 0o757])
@pytest.mark.parametrize("name", [".", "flake.nix"])
def test_what_others_write_too_is_not_roots(folder: Path, name: str, mode: int) -> None:
    (folder / name).chmod(mode)
    with pytest.raises(NoOwner, match="others may write there"):
        owner_of_way(folder / "flake.nix")


@as_root
def test_where_nobody_removes_what_is_roots_others_may_add_to_it(folder: Path) -> None:
    folder.chmod(0o1777)
    assert owner_of_way(folder / "flake.nix") == "root"


@as_root
def test_a_number_without_a_user_is_named(folder: Path) -> None:
    os.chown(folder / "flake.nix", 987654, -1)
    with pytest.raises(NoOwner, match="number 987654, which no user"):
        owner_of_way(folder / "flake.nix")


def test_links_in_a_circle_and_ways_that_lead_nowhere_are_told(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(NoOwner, match="in a circle"):
        owner_of_way(folder / "a")
    (folder / "lost").symlink_to("absent.nix")
    with pytest.raises(FileNotFoundError):
        owner_of_way(folder / "lost")
    with pytest.raises(NotADirectoryError):
        owner_of_way(folder / "flake.nix" / "flake.nix")
