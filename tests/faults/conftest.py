"""Machines to injure, and the table of what they survived. Run with `make test-faults` only."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.faults import tally
from tests.faults.doomed import Doomed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("tests.faults.aftermath")

if not os.environ.get("LUMINOUS_TEST_FAULTS"):
    collect_ignore_glob = ["test_*.py"]


def pytest_configure(config: pytest.Config) -> None:
    """Begin a new tally; the workers of a run only add to it."""
    if not hasattr(config, "workerinput"):
        tally.clear()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the table, whose line of JSON is the last of all."""
    if not hasattr(config, "workerinput"):
        sys.stdout.write(f"{report}\n" if (report := tally.report()) else "")


@pytest.fixture(scope="module", params=[""])
def doomed() -> Iterator[Doomed]:
    """Start a sandbox whose daemon can be ended at any moment; another for each parameter."""
    with Sandbox(SandboxOptions(daemon=False)) as sandbox:
        machine = Doomed(sandbox)
        yield machine
        machine.alice.leave()


@pytest.fixture
def machine(doomed: Doomed) -> Iterator[Doomed]:
    """Take the module's machine; afterwards its knobs are off."""
    yield doomed
    doomed.clear_knobs()
    if not doomed.sandbox.daemon_is_running:  # after a test that failed
        doomed.want_nothing()
        doomed.start()
