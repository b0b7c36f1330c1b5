"""The socket: what systemd passes on is used as it is, and a path is for its owner only."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from luminous_mind.listening import bind, passed_on

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("pid", "count"), [("", ""), ("1", "1"), ("own", "0"), ("own", "2")])
def test_what_is_not_one_socket_for_this_process_is_not_touched(
    monkeypatch: pytest.MonkeyPatch, pid: str, count: str
) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()) if pid == "own" else pid)
    monkeypatch.setenv("LISTEN_FDS", count)
    assert passed_on() is None
    assert "LISTEN_FDS" not in os.environ


def test_a_path_is_bound_for_its_owner_only_and_anew_when_somebody_left_it(tmp_path: Path) -> None:
    path = tmp_path / "mind.sock"
    for _ in range(2):
        with bind(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_socket()
