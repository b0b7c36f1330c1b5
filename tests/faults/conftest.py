"""Machines to injure, and the table of what they survived. Run with `make test-faults` only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.faults.doomed import Doomed
from tests.faults.tally import pytest_configure, pytest_unconfigure

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pytest_configure", "pytest_unconfigure"]  # of any run that injects faults
pytest.register_assert_rewrite("tests.faults.aftermath")

if not os.environ.get("LUMINOUS_TEST_FAULTS"):
    collect_ignore_glob = ["test_*.py"]


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
