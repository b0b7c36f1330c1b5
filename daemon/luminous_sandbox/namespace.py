"""The namespaces of one machine, seen from the host: started, entered and ended here."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypedDict, TypeVar, Unpack

from luminous_sandbox.init import READY
from luminous_sandbox.syscalls import Namespace, setns, unshare
from luminous_sandbox.users import account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_sandbox.blueprint import Blueprint

Session = Literal["shared", "own", "terminal"]

_T = TypeVar("_T")

_MAX_LINKS: Final = 40
# Entered from outside: go to the folder, wait until the runner closes its end of the gate, go on.
_AT_THE_GATE: Final = """
cd -- "$1" || exit 126
if [ -n "$2" ]; then IFS= read -r -u "$2" _; eval "exec $2<&-"; fi
shift 2
unset _ OLDPWD SHLVL
exec "$@"
"""


class NamespaceError(RuntimeError):
    """The machine could not be made; the message has what its PID 1 said."""


class Streams(TypedDict, total=False):
    """The standard streams of a process, as subprocess.Popen takes them."""

    stdin: Any
    stdout: Any
    stderr: Any
    text: bool


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is run in the machine, by whom, where, and with which environment.

    `session` is `shared` to stay in the one of the runner, so that keys on its terminal reach the
    command; `own` for a new one; `terminal` for a new one on the terminal that is standard input.
    """

    argv: Sequence[str]
    user: str = "root"
    folder: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    session: Session = "shared"


class MachineNamespace:
    """A running machine: PID 1 and everything below it."""

    def __init__(self, blueprint: Blueprint) -> None:
        """Make the machine. Raises NamespaceError."""
        self._started: list[subprocess.Popen[Any]] = []
        self._init = _in_new_pid_namespace(_start_init)
        self._pid_namespace = os.open(f"/proc/{self._init.pid}/ns/pid", os.O_RDONLY)
        try:
            self._hand_over(blueprint)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The host's number of the machine's PID 1."""
        return self._init.pid

    @property
    def is_running(self) -> bool:
        """Whether the machine is there."""
        return self._init.poll() is None

    def path(self, path: str) -> Path:
        """Return where the host sees a path of the machine.

        Links on the way are followed as the machine would; the last part is not, so that a link
        can be looked at.
        """
        parent, name = os.path.split(os.path.normpath(path))
        return self.real_path(parent) / name if name else self._root

    def real_path(self, path: str) -> Path:
        """Return where the host sees the file that a path of the machine leads to in the end."""
        here, rest = self._root, [part for part in reversed(path.split("/")) if part]
        links = 0
        while rest:
            part = rest.pop()
            if part == "..":
                here = here.parent if here != self._root else here
            elif (here / part).is_symlink():
                links += 1
                if links > _MAX_LINKS:
                    raise OSError(f"Too many links on the way to {path} in the sandbox.")
                target = (here / part).readlink()
                here = self._root if target.is_absolute() else here
                rest.extend(reversed([p for p in target.parts if p != "/"]))
            elif part != ".":
                here /= part
        return here

    def popen(
        self,
        command: Command,
        at_gate: Callable[[int], None] | None = None,
        **streams: Unpack[Streams],
    ) -> subprocess.Popen[Any]:
        """Start a process in the machine: the returned one is that process itself.

        `at_gate` is called with the machine's own number for the process, which does not run the
        command before that has returned.
        """
        with _Gate(is_needed=at_gate is not None) as gate:
            argv = _entering(self.pid, command, gate.number)
            process = self._fork(
                lambda: subprocess.Popen(
                    argv,
                    env=command.env,
                    pass_fds=gate.inherited,
                    start_new_session=command.session == "own",
                    **streams,
                )
            )
            self._started.append(process)
            if at_gate is not None:
                try:
                    at_gate(_inner_pid(process.pid))
                except BaseException:
                    process.kill()
                    process.wait()
                    raise
        self._started = [child for child in self._started if child.poll() is None]
        return process

    def stop(self) -> None:
        """End every process of the machine, and with them its mounts and files."""
        with contextlib.suppress(ProcessLookupError):
            self._init.kill()
        # PID 1 cannot be gone before those whose parent is this process have been waited for.
        for child in self._started:
            child.wait()
        self._started.clear()
        self._init.wait()
        for stream in (self._init.stdin, self._init.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        if self._pid_namespace >= 0:
            os.close(self._pid_namespace)
            self._pid_namespace = -1

    @property
    def _root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    def _hand_over(self, blueprint: Blueprint) -> None:
        stdin, stdout = self._init.stdin, self._init.stdout
        if stdin is None or stdout is None:
            raise NamespaceError("PID 1 of the sandbox has no pipes.")
        with contextlib.suppress(BrokenPipeError):
            stdin.write(blueprint.to_json() + "\n")
            stdin.flush()
        said = stdout.readline()
        if said.strip() != READY:
            raise NamespaceError(f"The sandbox could not be made:\n{said}{stdout.read()}")

    def _fork(self, start: Callable[[], subprocess.Popen[Any]]) -> subprocess.Popen[Any]:
        """Start a process that is born in the machine's PID namespace, as a child of this one."""
        pid_namespace = self._pid_namespace
        return _in_own_thread(lambda: setns(pid_namespace, Namespace.PID), start)


class _Gate:
    """A pipe that a started process reads from: it goes on when the writing end is closed."""

    def __init__(self, *, is_needed: bool) -> None:
        self._ends = os.pipe() if is_needed else None

    @property
    def number(self) -> str:
        return str(self._ends[0]) if self._ends else ""

    @property
    def inherited(self) -> tuple[int, ...]:
        return self._ends[:1] if self._ends else ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        for end in self._ends or ():
            os.close(end)


def _start_init() -> subprocess.Popen[str]:
    argv = [sys.executable, "-I", "-m", "luminous_sandbox.init"]
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A Ctrl-C on the runner's terminal is meant for the command that runs in the machine.
        start_new_session=True,
    )


def _in_new_pid_namespace(start: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Start the first process of a new PID namespace."""
    return _in_own_thread(lambda: unshare(Namespace.PID), start)


def _in_own_thread(prepare: Callable[[], None], start: Callable[[], _T]) -> _T:
    """Run both in a thread made for it, and return what the second returned.

    Which PID namespace children are born in is a property of a thread. A thread that has changed it
    can start no thread and is of no other use, so it ends here.
    """
    results: list[_T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            prepare()
            results.append(start())
        except BaseException as error:  # noqa: BLE001 - raised again where it belongs
            errors.append(error)

    thread = threading.Thread(target=work, name="sandbox-fork")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _entering(pid: int, command: Command, gate: str) -> list[str]:
    """Return the arguments that enter the machine, wait at the gate and become the command."""
    who = account(command.user)
    enter = ["/usr/bin/nsenter", f"--target={pid}", "-m", "-C", "-u", "-i", "-n", "--"]
    session = ["/usr/bin/setsid", "--ctty"] if command.session == "terminal" else []
    wait = ["/bin/bash", "--norc", "-c", _AT_THE_GATE, "bash", command.folder, gate]
    become = ["/usr/bin/setpriv", f"--reuid={who.uid}", f"--regid={who.gid}", "--init-groups", "--"]
    if who.uid == 0:
        become = []
    return [*enter, *session, *wait, *become, *command.argv]


def _inner_pid(pid: int) -> int:
    """Return the number that a process has in its own PID namespace."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    raise NamespaceError(f"Process {pid} has no number in the sandbox.")
