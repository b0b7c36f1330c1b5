"""Fixtures for the Nix adapter: recorded commands, and settings in a folder of their own."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.settings import Settings
from tests.unit.luminous_daemon.nix.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Give a recorder in the place of processes."""
    recorder = Recorder()
    recorder.install(monkeypatch)
    return recorder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings whose files lie in an own folder."""
    configuration = tmp_path / "configuration.nix"
    configuration.write_text("{ }")
    return Settings(
        configuration=configuration,
        nixpkgs="/channels/nixos",
        channels=tmp_path / "channels",
        channel_profile=tmp_path / "channel-profile",
        profile=tmp_path / "system",
        runtime_directory=tmp_path,
    )


@pytest.fixture
def owner() -> str:
    """Give the name of the user who owns the configuration: the one who runs the tests."""
    return pwd.getpwuid(os.geteuid()).pw_name
