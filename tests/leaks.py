"""Traces: what a test process holds at one moment, and what a later moment has more of."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key = TypeVar("Key")

GRACE_SECONDS = 2.0
"""How long something that is on its way out may take: a thread that returns, a child that ends."""

STEP_SECONDS = 0.02


@dataclass(frozen=True)
class Traces:
    """What the process holds, by an identity that is never used twice while it lives."""

    threads: dict[threading.Thread, str] = field(default_factory=dict)
    children: dict[tuple[int, str], str] = field(default_factory=dict)
    files: dict[tuple[int, str], str] = field(default_factory=dict)

    @classmethod
    def now(cls) -> Traces:
        """Look at the process as it is."""
        return cls(_threads(), _children(), _files())

    def since(self, before: Traces, *, outlives: bool) -> list[str]:
        """Name what is here and was not before; `outlives` tolerates children and files."""
        added = [_named("thread", self.threads, before.threads)]
        if not outlives:
            added.append(_named("child process", self.children, before.children))
            added.append(_named("open file", self.files, before.files))
        return [name for group in added for name in group]


def left_since(before: Traces, *, outlives: bool) -> list[str]:
    """Name what is left since `before`, once what is ending has had its time to end."""
    deadline = time.monotonic() + GRACE_SECONDS
    collected = False
    while left := Traces.now().since(before, outlives=outlives):
        if not collected:
            # What only waits for the garbage collector is not held by anybody.
            gc.collect()
            collected = True
        elif time.monotonic() > deadline:
            return left
        else:
            time.sleep(STEP_SECONDS)
    return []


@contextlib.contextmanager
def tasks_left_to_runners() -> Iterator[list[str]]:
    """Collect the tasks that `asyncio.run` finds unfinished and would cancel without a word."""
    left: list[str] = []
    close = asyncio.Runner.close

    def close_and_tell(runner: asyncio.Runner) -> None:
        with contextlib.suppress(RuntimeError):  # closed before, or never started
            left.extend(f"asyncio task {task!r}" for task in asyncio.all_tasks(runner.get_loop()))
        close(runner)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.Runner, "close", close_and_tell)
        yield left


def _named(kind: str, after: Mapping[Key, str], before: Mapping[Key, str]) -> list[str]:
    return [f"{kind} {name}" for key, name in after.items() if key not in before]


def _threads() -> dict[threading.Thread, str]:
    return {thread: f"{thread.name!r}" for thread in threading.enumerate()}


def _children() -> dict[tuple[int, str], str]:
    """Direct children by (pid, start time). Not every kernel lists them, so all are looked at."""
    found: dict[tuple[int, str], str] = {}
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return found  # the kernel knows of none, so there is nothing to look for
    own = str(os.getpid())
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while being looked at
        name, _, rest = stat.partition(" (")[2].rpartition(") ")
        fields = rest.split()  # proc(5): state, ppid, … and starttime as the 20th from here
        if fields[1] == own:
            waiting = ", ended but never waited for" if fields[0] == "Z" else ""
            found[int(entry.name), fields[19]] = f"{entry.name} ({name}{waiting})"
    return found


def _files() -> dict[tuple[int, str], str]:
    found = {}
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue  # the folder's own descriptor, closed again
        found[int(link.name), target] = f"{link.name} ({target})"
    return found
