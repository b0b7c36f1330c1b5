"""The booted machine, driven with the verbs of NixOS's test driver.

Its scripts run here unchanged: https://nixos.org/manual/nixos/stable/#sec-nixos-tests. Needs root,
and neither systemd nor virtualisation on the host.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BOOT: Final = Path(__file__).with_name("boot.sh")
_BOOT_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.02
_ENVIRONMENT: Final = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
}


class MachineError(Exception):
    """The machine did not do what a test expects of it."""


class Machine:
    """One machine over read-only layers; what it changes is kept until it is cleaned up."""

    def __init__(self, layers: Sequence[Path], kept: Path, *, limits: bool = False) -> None:
        """Lay `layers` over one another, the first on top; changes go below `kept`.

        With `limits`, those that units have on memory and tasks are kept whatever the host is like.
        """
        self._asked = ["limits"] if limits else []
        self._layers = ":".join(map(str, layers))
        self._kept = kept
        self._process: subprocess.Popen[Any] | None = None
        self._leader = 0

    def start(self, *, allow_reboot: bool = True) -> None:
        """Switch it on; returns when its first process runs. It may always boot again."""
        del allow_reboot  # asked of machines in QEMU
        if self._process and self._process.poll() is None:
            return
        argv = ["unshare", "--mount", "--propagation", "private", "sh", str(_BOOT), self._layers]
        with (self._kept / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                [*argv, str(self._kept), *self._asked], stdout=console, stderr=subprocess.STDOUT
            )
        self._leader = self._find_leader()

    def execute(self, command: str, timeout: float = 60.0) -> tuple[int, str]:
        """Run a command of the shell as root; return its exit status and what it wrote."""
        self.start()
        done = subprocess.run(
            [*self.entering, "/bin/bash", "-c", f"set -euo pipefail; {command}"],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=timeout,
            env=_ENVIRONMENT,
        )
        return done.returncode, done.stdout

    def succeed(self, *commands: str, timeout: float = 60.0) -> str:
        """Run commands and return what they wrote. Raises MachineError when one fails."""
        written = ""
        for command in commands:
            status, output = self.execute(command, timeout)
            written += output
            if status:
                raise MachineError(f"`{command}` ended with {status}\n{output}")
        return written

    def fail(self, *commands: str, timeout: float = 60.0) -> str:
        """Run commands that must fail, and return what they wrote."""
        written = ""
        for command in commands:
            status, output = self.execute(command, timeout)
            written += output
            if not status:
                raise MachineError(f"`{command}` did not fail\n{output}")
        return written

    def wait_until_succeeds(self, command: str, timeout: float = 30.0) -> str:
        """Run a command until it succeeds, and return what it wrote."""
        return self._until(command, lambda status: status == 0, timeout)

    def wait_until_fails(self, command: str, timeout: float = 30.0) -> str:
        """Run a command until it fails, and return what it wrote."""
        return self._until(command, lambda status: status != 0, timeout)

    def wait_for_unit(self, unit: str, timeout: float = 30.0) -> None:
        """Wait until a unit is active."""
        self.wait_until_succeeds(f"systemctl is-active --quiet {shlex.quote(unit)}", timeout)

    def systemctl(self, query: str) -> tuple[int, str]:
        """Run systemctl."""
        return self.execute(f"systemctl {query}")

    def reboot(self) -> None:
        """Boot it again, properly."""
        before = self._leader
        self.execute("systemctl reboot --no-block 2>/dev/null")
        self._wait_gone(before)
        self._leader = self._find_leader()

    def shutdown(self) -> None:
        """Switch it off, properly."""
        if self._process and self._process.poll() is None:
            self.execute("systemctl poweroff --no-block")
            self._process.wait(_BOOT_SECONDS)

    def crash(self) -> None:
        """Cut its power."""
        if self._process and self._process.poll() is None:
            os.kill(self._leader, signal.SIGKILL)
            self._process.wait(_BOOT_SECONDS)

    @property
    def leader(self) -> int:
        """The machine's first process, as the host numbers it."""
        return self._leader

    @property
    def entering(self) -> tuple[str, ...]:
        """The arguments before those of a command that is to run in the machine."""
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid")
        return ("nsenter", f"--target={self._leader}", *spaces, "--")

    @property
    def console(self) -> str:
        """What it wrote to its console."""
        return (self._kept / "console.log").read_text(encoding="utf-8", errors="replace")

    @contextlib.contextmanager
    def nested(self, name: str) -> Iterator[None]:
        """Name what follows, so that a failure says where it is."""
        try:
            yield
        except Exception as error:
            error.add_note(f"in: {name}")
            raise

    def _until(self, command: str, fits: Callable[[int], bool], timeout: float) -> str:
        deadline = time.monotonic() + timeout
        while True:
            status, output = self.execute(f"{command} 2>/dev/null")
            if fits(status):
                return output
            if time.monotonic() > deadline:
                raise MachineError(f"`{command}` still ends with {status} after {timeout:g} s")
            time.sleep(_LOOK_SECONDS)

    def _find_leader(self) -> int:
        """Return the process that is the machine's first, as the host numbers it."""
        deadline = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise MachineError(f"The machine did not boot:\n{self.console}")
            for process in _descendants(self._process.pid):
                if _is_first_process(process):
                    return process
            time.sleep(_LOOK_SECONDS)
        raise MachineError(f"The machine did not boot in time:\n{self.console}")

    @staticmethod
    def _wait_gone(process: int) -> None:
        deadline = time.monotonic() + _BOOT_SECONDS
        while Path(f"/proc/{process}").exists():
            if time.monotonic() > deadline:
                raise MachineError("The machine does not go down.")
            time.sleep(_LOOK_SECONDS)


def _descendants(process: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return
    for child in map(int, children.split()):
        yield child
        yield from _descendants(child)


def _is_first_process(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return False
    numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
    return name == "systemd" and len(numbers) > 1 and numbers[-1] == "1"
