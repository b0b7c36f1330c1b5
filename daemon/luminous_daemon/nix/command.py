"""The one place in the daemon that starts processes.

Arguments are always a list, never a shell's text. A command may run as another user, with that
user's groups and home, and in a mount namespace of its own where files are replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.configuration.real_path import real_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import IO, TextIO

LINE_LIMIT = 4 * 1024 * 1024
"""The longest line, in bytes, that a command may print."""

# The files lie in a directory of a user, who may put a link there at any moment, and root goes on
# to start programs: so the kernel is asked first where the mount came to lie.
_BIND = """\
while [ "$1" != run ]; do
  mount --bind -- "$1" "$2" || exit
  while read -r id parent device root place rest; do last=$place; done </proc/self/mountinfo
  if [ "$last" != "$3" ]; then echo "error: $2 leads to another place, $last" >&2; exit 1; fi
  shift 3
done
shift && exec "$@"
"""
# By a shell, as nobody else knows the number of a process that is only about to be.
_HAND_ON = 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@" 3<&0 </dev/null'
_ESCAPES = {ord(letter): f"\\{ord(letter):03o}" for letter in " \t\n\\"}
_KEPT_LINES = 100
_CHUNK = 64 * 1024
_USERS_UMASK = 0o022
"""The daemon's own lets nobody read what it makes; what a user makes is as a login would."""
_STOP_SECONDS = 5.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file that a command sees with other content: `file` as `candidate`."""

    file: Path
    candidate: Path

    def words(self) -> tuple[str, str, str]:
        """Return candidate and file, and how /proc/self/mountinfo writes the file's real place."""
        place = f"{real_path(self.file.parent)}/{self.file.name}"
        return str(self.candidate), str(self.file), place.translate(_ESCAPES)


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, and as whom and where it runs.

    Of each of its streams the last `kept` bytes are kept; 0 keeps everything. `niceness` is that
    of nice(1). `listening` is the descriptor of a socket that it gets as sd_listen_fds(3) says.
    """

    argv: tuple[str, ...]
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    replacements: tuple[Replacement, ...] = ()
    kept: int = 0
    niceness: int = 0
    listening: int | None = None

    def whole_argv(self) -> list[str]:
        """Return the argument list with what changes user, mounts and niceness in front."""
        argv = list(self.argv)
        if self.user and self.user != pwd.getpwuid(os.geteuid()).pw_name:
            account = pwd.getpwnam(self.user)
            identity = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups"]
            argv = ["setpriv", *identity, "--inh-caps=-all", "--", *argv]
        if self.replacements:
            places = [word for item in self.replacements for word in item.words()]
            shell = ["sh", "-c", _BIND, "sh", *places, "run"]
            argv = ["unshare", "--mount", "--propagation", "private", "--", *shell, *argv]
        if self.niceness:
            argv = ["nice", "-n", str(self.niceness), *argv]
        if self.listening is not None:
            argv = ["sh", "-c", _HAND_ON, "sh", *argv]
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
    starting = _start(command, PIPE)
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # It may have children by the time that the loop knows of it.
        await asyncio.shield(_stop_once_started(starting))
        raise
    output = asyncio.ensure_future(_read_all(process.stdout, command.kept))
    errors = asyncio.ensure_future(_read_lines(process.stderr, command.kept, on_line))
    try:
        await asyncio.gather(output, errors)
        status = await process.wait()
    except BaseException:
        output.cancel()
        errors.cancel()
        await asyncio.shield(_stop(process))
        raise
    return Outcome(status, output.result(), errors.result())


async def run_detached(command: Command, log: Path, on_line: Callable[[str], None]) -> int:
    """Run `command` so that the end of this process does not end it; follow its output in `log`.

    Cancelling the task leaves the command alone: an activation is never cut in half.
    """
    with log.open("wb") as written:
        starting = _start(command, written)
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait({starting})  # else asyncio would kill it
            raise
    waiting = asyncio.ensure_future(process.wait())
    try:
        with log.open(errors="replace") as read:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=_LOOK_SECONDS)
                for line in _new_lines(read):
                    on_line(line)
            last = read.read()
    finally:
        waiting.cancel()
    if last:
        on_line(last)
    return waiting.result()


def _new_lines(read: TextIO) -> Iterator[str]:
    """Return the whole lines that have been written since."""
    while True:
        start = read.tell()
        line = read.readline()
        if not line.endswith("\n"):
            read.seek(start)
            return
        yield line.rstrip("\n")


def find_program(name: str, search: Sequence[str] = ()) -> str | None:
    """Return the path of a program in `search` or PATH, or None."""
    for directory in (*search, *os.environ.get("PATH", "").split(os.pathsep)):
        path = Path(directory) / name
        if directory and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    return None


async def _read_all(stream: asyncio.StreamReader | None, kept: int) -> str:
    content = bytearray()
    while stream and (more := await stream.read(_CHUNK)):
        content += more
        if kept and len(content) > 2 * kept:  # not at once, which would move all of it each time
            del content[:-kept]
    return content[-kept:].decode(errors="replace")


async def _read_lines(
    stream: asyncio.StreamReader | None, kept: int, on_line: Callable[[str], object] | None
) -> tuple[str, ...]:
    """Read lines to the end; those handed on are not kept but for the last: builds print a lot."""
    if kept and not on_line:
        return tuple((await _read_all(stream, kept)).splitlines())
    lines: deque[str] = deque(maxlen=_KEPT_LINES if on_line else None)
    while stream and (raw := await _read_line(stream)):
        line = raw.decode(errors="replace").rstrip("\n")
        lines.append(line)
        if on_line:
            on_line(line)
    return tuple(lines)


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line with its end; nothing but the end of one that is too long."""
    is_too_long = False
    while True:
        try:
            line = await stream.readuntil()
        except asyncio.IncompleteReadError as error:
            return b"" if is_too_long else error.partial
        except asyncio.LimitOverrunError as error:
            await stream.readexactly(error.consumed)
            is_too_long = True
        else:
            return b"\n" if is_too_long else line


def _start(command: Command, output: int | IO[bytes]) -> asyncio.Task[Process]:
    """Start `command` in a session and a task of its own, which outlives a cancelled caller."""
    return asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command.whole_argv(),
            stdin=DEVNULL if command.listening is None else command.listening,
            stdout=output,
            stderr=output,
            env=command.whole_environment(),
            cwd="/",
            start_new_session=True,
            umask=_USERS_UMASK if command.user else -1,
            limit=LINE_LIMIT,
        )
    )


async def _stop_once_started(starting: asyncio.Task[Process]) -> None:
    with contextlib.suppress(OSError):  # where it could not be started, there is nothing to stop
        await _stop(await starting)


async def _stop(process: Process) -> None:
    """End the whole session of `process`: politely, then not."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        _signal_session(process, kind)
        with contextlib.suppress(TimeoutError):
            # Until nobody holds its output any more: a child may outlive the process itself.
            await asyncio.wait_for(process.communicate(), _STOP_SECONDS)
            break
    _signal_session(process, signal.SIGKILL)  # for a child that has let go of the output


def _signal_session(process: Process, kind: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, kind)
