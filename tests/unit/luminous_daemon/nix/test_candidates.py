"""Candidates: files that only one evaluation sees, and that are gone afterwards."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from luminous_daemon.nix.candidates import (
    candidate_file,
    kept_candidate,
    remove_candidates,
    workshop,
)

OWN = pwd.getpwuid(os.geteuid()).pw_name


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_candidate_is_for_those_who_read_the_real_file_and_gone_afterwards(
    tmp_path: Path, mode: int
) -> None:
    real, directory = tmp_path / "real.nix", tmp_path / "run"
    real.touch()
    real.chmod(mode)
    directory.mkdir()
    with candidate_file(directory, b"text \xff\r\n", real) as path:
        assert path.read_bytes() == b"text \xff\r\n"
        assert path.stat().st_mode & 0o777 == mode
    assert list(directory.iterdir()) == []


def test_a_workshop_is_its_users_own_and_gone_afterwards(tmp_path: Path) -> None:
    with workshop(tmp_path, OWN) as path:
        (path / "x").mkdir()
        assert path.stat().st_uid == os.geteuid()
        assert path.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_the_same_for_the_same_content(tmp_path: Path) -> None:
    (real := tmp_path / "flake.lock").touch()
    path = kept_candidate(tmp_path, "d.lock", b"x", real)
    assert path.read_bytes() == b"x"
    assert kept_candidate(tmp_path, "d.lock", b"x", real) == path
    assert sorted(tmp_path.iterdir()) == [path, real]


def test_what_is_kept_is_for_those_who_read_the_real_file_now(tmp_path: Path) -> None:
    (real := tmp_path / "flake.lock").touch()
    for mode in (0o644, 0o600):
        real.chmod(mode)
        path = kept_candidate(tmp_path, "d.lock", b"x", real)
        assert path.stat().st_mode & 0o777 == mode


def test_what_an_earlier_daemon_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "activation-x").write_text("x")
    kept_candidate(tmp_path, "d.lock", b"x", tmp_path / "activation-x")
    (tmp_path / "candidate-dir").mkdir()
    (tmp_path / "candidate-dir" / "index").write_text("x")
    remove_candidates(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["activation-x"]


def test_directories_too_deep_to_be_removed_are_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    below = [tmp_path / "candidate-deep"]
    with workshop(tmp_path, OWN) as place:
        below.append(place)
        for top in below:
            make_deep(top)
    kept_candidate(tmp_path, "d.lock", b"x", Path(__file__))
    remove_candidates(tmp_path)
    left = [path for path in below if path.exists()]
    try:
        assert sorted(tmp_path.iterdir()) == sorted(left)
        assert all(f"{path} was not removed whole" in caplog.text for path in left)
    finally:
        subprocess.run(["rm", "-rf", *below], check=True)


def make_deep(path: Path) -> None:
    """Make a directory with more of them in one another than a recursion goes down."""
    path.mkdir(exist_ok=True)
    handle = os.open(path, os.O_DIRECTORY)
    for _ in range(sys.getrecursionlimit() + 200):
        os.mkdir("d", dir_fd=handle)
        below = os.open("d", os.O_DIRECTORY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
