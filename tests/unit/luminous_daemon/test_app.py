"""luminousd's own arguments."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from luminous_daemon.configuration.module_file import EMPTY, read_module

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_module_is_printed_that_the_daemon_itself_can_read() -> None:
    argv = [sys.executable, "-m", "luminous_daemon", "--print-module"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert done.stdout == EMPTY
    assert read_module(done.stdout, "luminous.nix") == ()


def test_settings_that_cannot_be_read_are_named_at_start() -> None:
    argv = [sys.executable, "-m", "luminous_daemon", "--settings", "/proc/self/status"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("luminousd: /proc/self/status is not TOML")


def test_a_directory_that_cannot_be_made_is_not_the_buss_trouble(tmp_path: Path) -> None:
    settings = tmp_path / "luminous.toml"
    settings.write_text(f'state_directory = "{settings}/state"\n')
    argv = [sys.executable, "-m", "luminous_daemon", "--settings", str(settings)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"luminousd: [Errno 20] Not a directory: '{settings}/state'\n"


def test_roots_process_loads_no_openssl() -> None:
    argv = [sys.executable, "-X", "importtime", "-m", "luminous_daemon", "--version"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "luminous_daemon.assembly" in loaded
    assert "_ssl" not in loaded
