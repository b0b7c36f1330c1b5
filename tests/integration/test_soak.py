"""Fifty clients at once for half a minute get answers or named refusals, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.measuring import soak

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
    pytest.mark.timeout(300),
]


def test_fifty_clients_lose_nothing_and_leave_no_trace_in_the_daemon(sandbox: Sandbox) -> None:
    report = soak(sandbox, seconds=30, clients=50, seed=7)
    assert report["wrong"] == []
    assert report["changes"].get("done", 0) >= 1
    assert report["calls"] > 200
