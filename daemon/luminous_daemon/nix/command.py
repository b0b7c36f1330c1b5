"""The one place in the daemon that starts processes.

Arguments are always a list, never a shell's text. A command may run as another user, with that
user's groups and home, and in a mount namespace of its own where one file is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
from asyncio.subprocess import PIPE
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LINE_LIMIT = 4 * 1024 * 1024
"""The longest line, in bytes, that a command may print."""

_BIND = 'mount --bind -- "$1" "$2" && shift 2 && exec "$@"'
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file that a command sees with other content: `file` as `candidate`."""

    file: Path
    candidate: Path


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, and as whom and where it runs."""

    argv: tuple[str, ...]
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    replacement: Replacement | None = None

    def whole_argv(self) -> list[str]:
        """Return the argument list with what changes the user and the mounts in front."""
        argv = list(self.argv)
        if self.user and self.user != pwd.getpwuid(os.geteuid()).pw_name:
            account = pwd.getpwnam(self.user)
            identity = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups"]
            argv = ["setpriv", *identity, "--inh-caps=-all", "--", *argv]
        if self.replacement:
            files = [str(self.replacement.candidate), str(self.replacement.file)]
            shell = ["sh", "-c", _BIND, "sh", *files]
            argv = ["unshare", "--mount", "--propagation", "private", "--", *shell, *argv]
        return argv

    def whole_environment(self) -> dict[str, str]:
        """Return the environment: the daemon's own, the user's home, and what was asked for."""
        environment = dict(os.environ)
        environment["LC_ALL"] = "C.UTF-8"
        if self.user:
            account = pwd.getpwnam(self.user)
            environment |= {"HOME": account.pw_dir, "USER": self.user, "LOGNAME": self.user}
            if account.pw_uid != 0:
                environment["NIX_REMOTE"] = "daemon"
        return environment | dict(self.environment)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command."""

    status: int
    output: str
    errors: tuple[str, ...]


async def run(command: Command, on_line: Callable[[str], object] | None = None) -> Outcome:
    """Run `command` to its end; hand each line of its standard error to `on_line` at once.

    When the task is cancelled, the command and its children are stopped first.
    """
    process = await asyncio.create_subprocess_exec(
        *command.whole_argv(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env=command.whole_environment(),
        cwd="/",
        start_new_session=True,
        limit=LINE_LIMIT,
    )
    try:
        output, errors = await asyncio.gather(
            _read_all(process.stdout), _read_lines(process.stderr, on_line)
        )
        status = await process.wait()
    except BaseException:
        await asyncio.shield(_stop(process))
        raise
    return Outcome(status, output, errors)


async def run_detached(command: Command, log: Path, on_line: Callable[[str], None]) -> int:
    """Run `command` so that the end of this process does not end it; follow its output in `log`.

    Cancelling the task leaves the command alone: an activation is never cut in half.
    """
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *command.whole_argv(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            env=command.whole_environment(),
            cwd="/",
            start_new_session=True,
        )
    status = await process.wait()
    for line in log.read_text(errors="replace").splitlines():
        on_line(line)
    return status


def find_program(name: str, search: Sequence[str] = ()) -> str | None:
    """Return the path of a program in `search` or PATH, or None."""
    for directory in (*search, *os.environ.get("PATH", "").split(os.pathsep)):
        path = Path(directory) / name
        if directory and os.access(path, os.X_OK):
            return str(path)
    return None


async def _read_all(stream: asyncio.StreamReader | None) -> str:
    content = await stream.read() if stream else b""
    return content.decode(errors="replace")


async def _read_lines(
    stream: asyncio.StreamReader | None, on_line: Callable[[str], object] | None
) -> tuple[str, ...]:
    lines = []
    while stream and (raw := await stream.readline()):
        line = raw.decode(errors="replace").rstrip("\n")
        lines.append(line)
        if on_line:
            on_line(line)
    return tuple(lines)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the whole session of `process`: politely, then not."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            return
