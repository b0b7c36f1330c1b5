"""Asking: what tests ask a sandbox, `ask-nix --json` above all, until it answers."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.options import How


@dataclass(frozen=True)
class Asked:
    """What `ask-nix --json` did: its exit code, its document, and what it told people."""

    code: int
    document: Any
    stderr: str


def ask(sandbox: Sandbox, *words: str, **how: Unpack[How]) -> Asked:
    """Run `ask-nix --json` with these arguments; standard output must be one JSON document."""
    done = sandbox.run(["ask-nix", "--json", *words], **how)
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise AssertionError(
            f"ask-nix ended with {done.returncode} and did not print one JSON document ({error}):\n"
            f"{done.stdout}\n--- stderr ---\n{done.stderr}\n--- luminousd ---\n{sandbox.daemon_log}"
        ) from error
    return Asked(done.returncode, document, done.stderr)


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.01)
