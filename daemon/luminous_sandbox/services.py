"""The services of the machine: the bus, polkit, Nix's daemon and Luminous's own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luminous_sandbox.agent import CONTROL_SOCKET
from luminous_sandbox.bus import SOCKET, NotOnBusError, connect, wait_for_name
from luminous_sandbox.etc import LOGS, STATE
from luminous_sandbox.host import POLKITD
from luminous_sandbox.namespace import Command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_sandbox.namespace import MachineNamespace

BUS_NAME: Final = "org.luminous1"
NIX_SOCKET: Final = "/nix/var/nix/daemon-socket/socket"

_POLKIT_NAME = "org.freedesktop.PolicyKit1"
_START_TIMEOUT_S = 20.0
# With the agent, which is as quick, they must outrun the children of a command: see agent.py.
_FIRST = ("nice", "--adjustment=-15")
_LOG_LINES = 30
_RETRY_S = 0.003


class ServiceError(RuntimeError):
    """A service of the machine did not come up; the message ends with the end of its log."""


class Service:
    """One program that runs in the background as root, with its log."""

    def __init__(self, namespace: MachineNamespace, name: str) -> None:
        """Name a service; it is started by `start`."""
        self._namespace = namespace
        self._process: subprocess.Popen[Any] | None = None
        self.name = name

    @property
    def log(self) -> str:
        """What the service has written so far."""
        path = self._log_path
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def process(self) -> subprocess.Popen[Any]:
        """The service's process. Raises ServiceError when it was never started."""
        if self._process is None:
            raise ServiceError(f"{self.name} has not been started in this sandbox.")
        return self._process

    def is_running(self) -> bool:
        """Whether the service was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Start the service; it need not be ready when this returns."""
        with self._log_path.open("a") as log:
            self._process = self._namespace.popen(
                Command(argv=argv, env=env, session="own"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_for_name(self, name: str) -> None:
        """Wait until the service owns a name on the bus. Raises ServiceError."""
        bus = self._namespace.real_path(SOCKET)
        try:
            wait_for_name(bus, name, self.is_running, _START_TIMEOUT_S)
        except NotOnBusError as error:
            raise self._failure(str(error)) from error

    def wait_for_bus(self) -> None:
        """Wait until the service takes connections to the bus. Raises ServiceError.

        Its socket is there a moment before, and whoever came then would be refused.
        """
        self.wait_for_file(SOCKET)
        try:
            connect(self._namespace.real_path(SOCKET), _START_TIMEOUT_S).close()
        except NotOnBusError as error:
            raise self._failure(str(error)) from error

    def wait_for_file(self, path: str) -> None:
        """Wait until a file is there, such as the service's socket. Raises ServiceError."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._namespace.path(path).exists():
            if not self.is_running() or time.monotonic() > deadline:
                raise self._failure(f"{self.name} did not make {path}.")
            time.sleep(_RETRY_S)

    @property
    def _log_path(self) -> Path:
        return self._namespace.path(f"{LOGS}/{self.name}.log")

    def _failure(self, reason: str) -> ServiceError:
        end = "\n".join(deque(self.log.splitlines(), _LOG_LINES)) or "(nothing)"
        status = self.process.poll()
        ended = "" if status is None else f" It ended with status {status}."
        return ServiceError(f"{self.name} did not start. {reason}{ended} Its log ends:\n{end}")


class Services:
    """All services of one machine."""

    def __init__(self, namespace: MachineNamespace, env: Mapping[str, str]) -> None:
        """Know the services; `start` starts all but the product's own and the agent."""
        self._env = env
        self._bus = Service(namespace, "dbus-daemon")
        self._polkit = Service(namespace, "polkitd")
        self._nix = Service(namespace, "nix-daemon")
        self.agent = Service(namespace, "agent")
        self.daemon = Service(namespace, "luminousd")

    def start(self) -> None:
        """Start the bus, polkit and Nix's daemon without waiting for more than the bus."""
        configuration = f"--config-file={STATE}/system-bus.conf"
        argv = [*_FIRST, "dbus-daemon", configuration, "--nofork", "--nopidfile", "--nosyslog"]
        self._nix.start(["nix-daemon"], self._env)
        self._bus.start(argv, self._env)
        self._bus.wait_for_bus()
        self._polkit.start([*_FIRST, str(POLKITD)], self._env)

    def wait(self) -> None:
        """Wait until everything that `start` started is ready. Raises ServiceError."""
        self._polkit.wait_for_name(_POLKIT_NAME)
        self._nix.wait_for_file(NIX_SOCKET)

    def start_agent(self, mode: str) -> None:
        """Start the agent, which answers polkit's questions in this way."""
        argv = [sys.executable, "-I", "-m", "luminous_sandbox.agent", mode]
        self.agent.start(argv, self._env)

    def wait_for_agent(self) -> None:
        """Wait until the agent can be talked to. Raises ServiceError."""
        self.agent.wait_for_file(CONTROL_SOCKET)

    def start_daemon(self, env: Mapping[str, str]) -> None:
        """Start Luminous's daemon. Raises ServiceError when it is not installed."""
        program = Path(sys.prefix, "bin/luminousd")
        if not program.exists():
            raise ServiceError(f"There is no {program}: install Luminous with `make setup`.")
        self.daemon.start([str(program)], {**self._env, **env})
