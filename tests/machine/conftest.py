"""The booted machine as a fixture. These tests run with `make test-machine` only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults.tally import pytest_configure, pytest_unconfigure
from tests.machine.layer import machine_layers
from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["pytest_configure", "pytest_unconfigure"]  # as power cuts are counted, too
pytest.register_assert_rewrite("tests.faults.aftermath")

if not os.environ.get("LUMINOUS_TEST_MACHINE"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def layers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Make the layers of which machines are made: a NixOS in small, the product, a Debian."""
    return machine_layers(tmp_path_factory.mktemp("layer") / "machine")


@pytest.fixture
def machine(layers: tuple[Path, ...], tmp_path: Path) -> Iterator[Machine]:
    """Give a machine that was never booted before."""
    machine = Machine(layers, tmp_path)
    yield machine
    machine.crash()
