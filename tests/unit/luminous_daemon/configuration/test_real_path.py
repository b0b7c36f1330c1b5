"""Where links lead is told also where somebody makes other ones meanwhile."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.real_path import real_path
from luminous_protocol.errors import Drifted

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    (tmp_path / "link").symlink_to("there")
    assert real_path(tmp_path / "link") == str(tmp_path / "there")


def test_a_link_that_becomes_a_file_between_two_looks_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to("there")
    read = os.readlink

    def read_late(path: str) -> str:
        link.unlink()
        link.touch()
        return read(path)

    monkeypatch.setattr(os, "readlink", read_late)
    assert real_path(link) == str(link)


def test_a_link_that_is_never_what_it_was_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to("there")
    looks = count(1)

    def read_none(path: str) -> str:
        next(looks)
        raise OSError(22, "Invalid argument", path)

    monkeypatch.setattr(os, "readlink", read_none)
    with pytest.raises(Drifted, match="another file each time"):
        real_path(link)
    assert next(looks) > 1
