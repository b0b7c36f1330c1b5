"""A soak: many clients for a long time, and what the daemon's memory and files did meanwhile."""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

CHECKOUT = Path(__file__).parents[2]
USERS: tuple[UserName, ...] = ("alice", "bob")
WARM = 0.2
"""The part of the time that counts as warming up."""
GROWTH = 1.05
SHORT_GROWTH = 1.15
"""Of memory, at most; in a short time it is still being filled with what is kept."""
_SHORT_SECONDS = 300
_SAMPLES = 100
_ENDING_SECONDS = 150.0
_SETTLING_SECONDS = 20.0


@dataclass(frozen=True)
class Sample:
    """The daemon at one moment: seconds since the start, KiB resident."""

    seconds: float
    memory: int


def soak(sandbox: Sandbox, seconds: float, clients: int, seed: int) -> dict[str, Any]:
    """Let clients ask for `seconds`; return what came of it, `wrong` among it."""
    sandbox.run(["ask-nix", "search", "anything"])  # what searches runs from here on, at its pipes
    pid, files = sandbox.daemon_pid, _files(sandbox.daemon_pid)
    programs = [
        _start(sandbox, user, clients // len(USERS), seconds, seed + place)
        for place, user in enumerate(USERS)
    ]
    samples = _watch(pid, seconds)
    seen = [_end(program) for program in programs]
    wrong = [problem for part in seen for problem in part["wrong"]]
    if (sandbox.daemon_is_running, sandbox.daemon_pid) != (True, pid):
        wrong.append("the daemon is not the same any more")
    if "Traceback" in sandbox.daemon_log:
        wrong.append("there is a traceback in the daemon's log")
    left = _settle(pid, files)
    if left > files:
        wrong.append(f"{left} files are open where {files} were")
    wrong += _lost(sandbox, seen) + _grown(samples)
    return {
        "seconds": round(seconds),
        "clients": clients,
        "seed": seed,
        "calls": sum(len(times) for part in seen for times in part["seconds"].values()),
        "methods": _methods(seen),
        "refusals": dict(sum((Counter(part["refusals"]) for part in seen), Counter[str]())),
        "files-before": files,
        "files-after": left,
        "changes": dict(Counter(state for part in seen for state in part["begun"].values())),
        **_memory(samples),
        "wrong": wrong,
    }


def _start(
    sandbox: Sandbox,
    user: UserName,
    clients: int,
    seconds: float,
    seed: int,
) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.soak.clients"]
    program = sandbox.popen(argv, user=user, folder=str(CHECKOUT))
    request = {"clients": clients, "seconds": seconds, "seed": seed, "changes": user == USERS[0]}
    assert program.stdin is not None
    program.stdin.write(json.dumps(request))
    program.stdin.close()
    program.stdin = None
    return program


def _end(program: subprocess.Popen[str]) -> dict[str, Any]:
    out, errors = program.communicate(timeout=_ENDING_SECONDS)
    if program.returncode != 0:
        raise RuntimeError(f"The clients ended with {program.returncode}:\n{errors}")
    seen: dict[str, Any] = json.loads(out)
    return seen


def _watch(pid: int, seconds: float) -> list[Sample]:
    """Look at the daemon now and then until the time is over."""
    began = time.monotonic()
    samples = []
    while (now := time.monotonic() - began) < seconds:
        status = Path(f"/proc/{pid}/status").read_text()
        memory = int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])
        samples.append(Sample(now, memory))
        time.sleep(seconds / _SAMPLES)
    return samples


def _files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _settle(pid: int, files: int) -> int:
    """Wait until the daemon has no more files open than it had; return how many it has."""
    deadline = time.monotonic() + _SETTLING_SECONDS
    while _files(pid) > files and time.monotonic() < deadline:
        time.sleep(0.1)
    return _files(pid)


def _memory(samples: list[Sample]) -> dict[str, float]:
    """Return the daemon's memory after warming up and at the end, as medians."""
    warm = [sample for sample in samples if sample.seconds > samples[-1].seconds * WARM]
    first, last = warm[: len(warm) // 3], warm[-len(warm) // 3 :]
    slope = statistics.linear_regression(
        [sample.seconds / 60 for sample in warm], [float(sample.memory) for sample in warm]
    ).slope
    return {
        "memory-warm-kib": statistics.median(sample.memory for sample in first),
        "memory-end-kib": statistics.median(sample.memory for sample in last),
        "memory-slope-kib-a-minute": round(slope, 1),
    }


def _grown(samples: list[Sample]) -> list[str]:
    found = _memory(samples)
    grown = []
    most = GROWTH if samples[-1].seconds > _SHORT_SECONDS else SHORT_GROWTH
    if found["memory-end-kib"] > found["memory-warm-kib"] * most:
        grown.append(f"memory grows: {found}")
    return grown


def _lost(sandbox: Sandbox, seen: list[dict[str, Any]]) -> list[str]:
    """Name changes that did not end, or not exactly once, on the bus or in the history."""
    done = sandbox.run(["ask-nix", "--json", "history", "--limit", "1000"])
    if done.returncode != 0:
        return [f"the history cannot be read: {done.stdout}{done.stderr}"]
    history = Counter(item["path"] for item in json.loads(done.stdout)["history"])
    problems = []
    for part in seen:
        for path, state in part["begun"].items():
            if state == "lost":
                problems.append(f"{path} did not end")
            if part["finished"].get(path) != 1:
                problems.append(f"{path} was finished {part['finished'].get(path, 0)} times")
            if history[path] != 1 and state == "done":
                problems.append(f"{path} is {history[path]} times in the history")
    return problems


def _methods(seen: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return calls, and the 50th and 95th hundredth of their milliseconds, by method."""
    found = {}
    for name in sorted({name for part in seen for name in part["seconds"]}):
        times = sorted(item * 1000 for part in seen for item in part["seconds"].get(name, []))
        found[name] = {
            "calls": len(times),
            "p50-ms": round(times[len(times) // 2], 2),
            "p95-ms": round(times[len(times) * 95 // 100], 2),
        }
    return found


def table(report: dict[str, Any]) -> str:
    """Return a report as people read it, its last line as JSON."""
    lines = [f"{'method':<22}{'calls':>9}{'p50 ms':>10}{'p95 ms':>10}"]
    lines += [
        f"{name:<22}{item['calls']:>9.0f}{item['p50-ms']:>10.2f}{item['p95-ms']:>10.2f}"
        for name, item in report["methods"].items()
    ]
    shown = [name for name in report if name not in {"methods", "wrong"}]
    lines += [f"{name}: {report[name]}" for name in shown]
    lines += [f"WRONG: {problem}" for problem in report["wrong"]]
    return "\n".join([*lines, json.dumps(report)])
