"""A flood from one client: others are answered, and the daemon grows no larger."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.flooding import KINDS, flood, p95_of_status

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

# On a machine that has nothing else to do it is a few milliseconds, and without turns for ever.
BOUND_MS = 400.0


def resident(sandbox: Sandbox) -> int:
    """Return the daemon's resident memory in KiB."""
    status = Path(f"/proc/{sandbox.daemon_pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_another_is_answered_while_one_client_floods_and_reads_nothing(
    sandbox: Sandbox, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    idle, before, pid = p95_of_status(sandbox), resident(sandbox), sandbox.daemon_pid
    with flood(sandbox, kind):
        flooded = p95_of_status(sandbox)
    with capsys.disabled():
        told = f"Status p95: {idle:.1f} ms idle, {flooded:.1f} ms in a flood of {kind}"
        sys.stdout.write(f"\n{told}\n")
    assert flooded < BOUND_MS
    assert resident(sandbox) - before < 8_000
    assert ask(sandbox, "status", user="bob").code == 0
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)


def test_the_root_process_holds_no_library_of_ciphers(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "add-package", "package": "hello"})
        assert alice.properties(plan, PLAN)["State"] == "ready"
    held = Path(f"/proc/{sandbox.daemon_pid}/maps").read_text()
    assert "python" in held
    assert "libcrypto" not in held
    assert "libssl" not in held
