"""The aftermath: what must be true of a machine after any fault, whatever it was."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from luminous_protocol.names import PLAN, TRANSACTION
from tests.faults.operations import carry_out, is_imported, toggle
from tests.integration.machine_state import (
    MachineState,
    assert_is_system,
    processes,
    state_of,
    wait_until,
)

if TYPE_CHECKING:
    from typing import Any

    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed
    from tests.faults.operations import Operation

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*")
_ANSWER_SECONDS = 2.0
_STATE_FILES = {"journal.jsonl", "audit.jsonl", "values"}


@dataclass(frozen=True)
class Before:
    """A machine before a change, the change's plan, the newest transaction, the log's length."""

    state: MachineState
    patches: dict[str, str]
    doomed_generations: frozenset[int]
    newest: str
    logged: int


def look(machine: Doomed, plan: str) -> Before:
    """Look at a machine before a plan is applied."""
    shown = machine.alice.properties(plan, PLAN)
    assert shown["State"] == "ready", shown["Failure"]
    return Before(
        state_of(machine.sandbox),
        _patches(shown["ConfigurationDiff"]),
        frozenset(shown["Generations"]),
        newest(machine),
        len(machine.sandbox.daemon_log),
    )


def newest(machine: Doomed) -> str:
    """Return the path of the newest transaction."""
    found = machine.alice.system("ListTransactions", "a{sv}", {"limit": {"$": ["x", 1]}})
    return str(found[0]["path"]) if found else ""


def check_aftermath(machine: Doomed, before: Before, operation: Operation | None = None) -> str:
    """Check everything; return the state that the transaction came to, or nothing if none began."""
    began = time.monotonic()
    status = machine.alice.system("Status")
    assert time.monotonic() - began < _ANSWER_SECONDS
    assert not status["busy"], status
    path = newest(machine)
    if path == before.newest:
        assert differences(before.state, state_of(machine.sandbox)) == []
        state = ""
    else:
        state = _check_told(machine, before, path)
    assert leftovers(machine.sandbox) == []
    assert "Traceback" not in machine.sandbox.daemon_log[before.logged :]
    check_next_change(machine, path, operation, state)
    return state


def _check_told(machine: Doomed, before: Before, path: str) -> str:
    """Check that what is told of a transaction is true."""
    told = machine.alice.transaction(path)
    state, result = str(told["State"]), told["Result"]
    now = state_of(machine.sandbox)
    assert state in {"done", "failed", "cancelled"}, told
    assert result["message"], told
    assert told["Finished"]
    if state == "done":
        assert result["error"] == "", told
        assert now.configuration == _patched(before), told
        assert_is_system(machine.sandbox, result["default"] or _default(before.state))
    else:
        assert result["error"], told
        assert result["default"] == _default(now), told
        assert differences(_comparable(before.state, before), _comparable(now, before)) == []
    return state


def _comparable(state: MachineState, before: Before) -> MachineState:
    """Return a state without what may be gone or left after a failure.

    That is planned garbage, and old generations of the channels, which Nix keeps.
    """
    doomed = {f"system-{number}-link" for number in before.doomed_generations}
    known = {name for name in before.state.links if name not in doomed}
    links = {
        name: target
        for name, target in state.links.items()
        if name in known or (name not in doomed and not name.startswith("channels-"))
    }
    boot = state.boot if not before.doomed_generations else {}
    return replace(state, links=links, boot=boot)


def differences(before: MachineState, after: MachineState) -> list[str]:
    """Say what differs between two states, in words that a failed test can show."""
    found = []
    for name in (field.name for field in fields(MachineState)):
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, dict):
            keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
            found += [f"{name} {key}: {old.get(key)!r} -> {new.get(key)!r}" for key in keys]
        elif old != new:
            found.append(f"{name}: {old} -> {new}")
    return found


def _default(state: MachineState) -> int:
    return int(state.links["system"].split("-")[1])


def check_next_change(machine: Doomed, path: str, operation: Operation | None, state: str) -> None:
    """Check that the next change works: the way back where there is one, or another."""
    if not is_imported(machine.sandbox):
        carry_out(machine, {"kind": "import-file"})
    if operation is None or state != "done" or not operation.can_be_undone:
        toggle(machine)
        return
    plan: str = machine.alice.send(path, (TRANSACTION, "Undo"))[1][0]
    while machine.alice.properties(plan, PLAN)["State"] == "preparing":
        time.sleep(0.02)
    ended = machine.alice.until(machine.alice.apply(plan))
    assert ended["State"] == "done", ended


def leftovers(sandbox: Sandbox) -> list[str]:
    """Return files and processes of a change that nobody needs any more."""

    def look() -> list[str]:
        unfinished = [
            *sandbox.path("/etc/nixos").glob(".luminous-write-*"),
            *sandbox.path("/run/luminous").glob("activation-*"),
            *sandbox.path("/run/luminous").glob("candidate-*.new"),
        ]
        state = [
            file
            for file in sandbox.path("/var/lib/luminous").iterdir()
            if file.name not in _STATE_FILES
        ]
        running = [line for line in processes(sandbox) if "switch-to-configuration" in line]
        return [*map(str, (*unfinished, *state)), *running]

    wait_until(lambda: not look(), 3)
    return look()


def _patches(diff: str) -> dict[str, str]:
    """Return the parts of a unified diff by the names of their files."""
    parts = re.split(r"(?m)^--- .*\n(?=\+\+\+ )", diff)[1:]
    return {part.split("\n")[0].removeprefix("+++ ").split("/")[-1]: part for part in parts}


def _patched(before: Before) -> dict[str, Any]:
    """Return the configuration with the plan's patches applied."""
    files = dict(before.state.configuration)
    for name, patch in before.patches.items():
        old = files[name][3].decode() if name in files else ""
        mark = files.get(name) or files["configuration.nix"]
        files[name] = (*mark[:3], _apply(old, patch).encode())
    return files


def _apply(text: str, patch: str) -> str:
    """Apply one file's hunks, which have any number of lines around them."""
    old, new = text.splitlines(keepends=True), list[str]()
    position = 0
    for line in patch.splitlines(keepends=True)[1:]:
        if found := _HUNK.match(line):
            start = int(found[1]) - (1 if found[2] != "0" else 0)
            new += old[position:start]
            position = start
        elif line.startswith("+"):
            new.append(line[1:])
        elif line.startswith("-"):
            assert old[position] == line[1:]
            position += 1
        else:
            new.append(old[position])
            position += 1
    return "".join([*new, *old[position:]])
