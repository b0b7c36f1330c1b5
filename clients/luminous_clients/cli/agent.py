"""The text agent of polkit, started where nobody else would ask for the password.

Sessions over ssh and on a console have no agent, and polkit would refuse without a question.
In a session of logind the agent is a fallback, which leaves that of a desktop alone. Elsewhere
there is nothing to leave alone, and polkit (122) passes over fallback agents.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_clients.cli.terminal import Terminal

READY_SECONDS = 2.0
"""How long the agent may take to register; after that polkit answers without it."""

_END_SECONDS = 2.0


@contextlib.contextmanager
def standing_by(terminal: Terminal) -> Iterator[None]:
    """Have an agent ready meanwhile, if there is a person on the terminal; root is never asked."""
    if not terminal.is_interactive or os.geteuid() == 0:
        yield
        return
    terminal.flush()
    source = terminal.source.fileno()
    manners = termios.tcgetattr(source)
    agent = _start()
    try:
        yield
    finally:
        if agent is not None:
            _stop(agent)
            # One that is killed while it reads a password leaves the terminal without echo.
            termios.tcsetattr(source, termios.TCSADRAIN, manners)


def _start() -> subprocess.Popen[bytes] | None:
    """Start the agent and wait until it has registered. None where it is not installed."""
    ready, notify = os.pipe()
    command = ["pkttyagent", "--process", _subject(), "--notify-fd", str(notify)]
    if "/user.slice/" in _read("/proc/self/cgroup"):
        command.append("--fallback")
    try:
        agent = subprocess.Popen(
            command, pass_fds=(notify,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        agent = None
    finally:
        os.close(notify)
    with contextlib.closing(os.fdopen(ready, "rb")):
        if agent is not None:
            select.select([ready], [], [], READY_SECONDS)
    return agent


def _subject() -> str:
    """Return this process and its start time, so that nobody can take its number over."""
    fields = _read("/proc/self/stat").rpartition(")")[2].split()
    return f"{os.getpid()},{fields[19]}"  # proc(5): starttime is the 20th after the name


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib is slow
        return file.read()


def _stop(agent: subprocess.Popen[bytes]) -> None:
    agent.terminate()
    try:
        agent.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        agent.kill()
        agent.wait()
