"""The machine that is measured: a sandbox, and the program that times laps inside it."""

from __future__ import annotations

import json
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from jeepney import message_bus
from jeepney.wrappers import new_method_call

from luminous_sandbox.bus import SOCKET, connect, wait_for_name
from luminous_sandbox.machine import Sandbox

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence

    from luminous_sandbox.options import Who
    from luminous_sandbox.users import UserName

INSIDE: Final = Path(__file__).resolve().with_name("inside")
NOOP_NAME: Final = "org.luminous.NoOp1"

_POLICY: Final = INSIDE / "noop.conf"
_PATIENCE_S: Final = 10.0
_LAPS_TIMEOUT_S: Final = 300.0


class Call(TypedDict):
    """A method call without arguments."""

    destination: str
    path: str
    interface: str
    member: str


class Lap(TypedDict, total=False):
    """One thing that is timed: a command, a call over the bus, or planning these words.

    A call ends when its reply has been read, or, `until` it has "arrived", before that.
    """

    argv: Sequence[str]
    call: Call
    until: Literal["arrived", "read"]
    words: str


class Machine(Sandbox):
    """A sandbox in which things are timed where they happen."""

    def laps(
        self, laps: Mapping[str, Lap], rounds: int, *, user: UserName = "alice", warm_up: int = 1
    ) -> dict[str, list[float]]:
        """Time the laps in turn, as one user; return the milliseconds of each round.

        Raises RuntimeError when one of them fails.
        """
        request = {"laps": laps, "rounds": rounds, "warm_up": warm_up}
        done = self.run(
            [sys.executable, str(INSIDE / "laps.py")],
            input=json.dumps(request),
            timeout=_LAPS_TIMEOUT_S,
            user=user,
        )
        if done.returncode != 0:
            raise RuntimeError(f"Laps failed in the sandbox:\n{done.stderr}\n{self.daemon_log}")
        times: dict[str, list[float]] = json.loads(done.stdout)
        return times

    def medians(
        self, laps: Mapping[str, Lap], rounds: int, *, user: UserName = "alice"
    ) -> dict[str, float]:
        """Return the median of each lap, timed in turn as one user."""
        return {name: median(times) for name, times in self.laps(laps, rounds, user=user).items()}

    def allow_noop(self) -> None:
        """Let root own the name of the service that does nothing, and everybody call it."""
        policy = self.path(f"/etc/dbus-1/system.d/{NOOP_NAME}.conf")
        policy.write_text(_POLICY.read_text(encoding="utf-8"), encoding="utf-8")
        with closing(connect(self.real_path(SOCKET))) as connection:
            reload = new_method_call(message_bus, "ReloadConfig")
            connection.send_and_get_reply(reload, timeout=_PATIENCE_S)

    def start_noop(self) -> subprocess.Popen[Any]:
        """Start the service that does nothing, as the daemon is started, until it has its name."""
        who: Who = {"user": "root", "env": self.options.environment}
        process = self.spawn([sys.executable, str(INSIDE / "noop.py")], who)
        bus = self.real_path(SOCKET)
        wait_for_name(bus, NOOP_NAME, lambda: process.poll() is None, _PATIENCE_S)
        return process

    @contextmanager
    def noop(self) -> Iterator[subprocess.Popen[Any]]:
        """Have the service that does nothing for a while."""
        self.allow_noop()
        process = self.start_noop()
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """End a process of the machine."""
    process.terminate()
    process.wait(_PATIENCE_S)
