"""Replaced files, in a real mount namespace: seen by one command only, and nowhere but in place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.nix.command import Command, Outcome, Replacement, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """Give a file with other content."""
    path = tmp_path / "candidate"
    path.write_text("planned")
    return path


def seen(file: Path, *replacements: Replacement) -> Outcome:
    """Return what a command sees in a file."""
    return asyncio.run(run(Command(("cat", str(file)), replacements=replacements)))


@pytest.mark.parametrize("name", ["luminous.nix", "a b.nix", "a\\b\tc.nix", "-n", "$(id).nix", "ü"])
def test_a_command_sees_the_candidate_and_nobody_else_does(
    tmp_path: Path, candidate: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text("real")
    assert seen(file, Replacement(file, candidate)).output == "planned"
    assert seen(file).output == file.read_text() == "real"


def test_several_files_are_replaced_also_behind_a_link_to_their_directory(
    tmp_path: Path, candidate: Path
) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to("real")
    for name in ("a", "b"):
        (link / name).write_text("real")
    both = [Replacement(link / name, candidate) for name in ("a", "b")]
    assert [seen(link / name, *both).output for name in ("a", "b")] == ["planned", "planned"]


def test_a_link_in_the_place_of_a_file_is_not_followed_by_root(
    tmp_path: Path, candidate: Path
) -> None:
    (tmp_path / "program").write_text("what root would start next")
    file = tmp_path / "luminous.nix"
    file.symlink_to(tmp_path / "program")
    outcome = seen(tmp_path / "program", Replacement(file, candidate))
    assert (outcome.status, outcome.output) == (1, "")
    assert outcome.errors == (f"error: {file} leads to another place, {tmp_path}/program",)
