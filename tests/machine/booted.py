"""A booted machine that takes the place of a sandbox: what is asked of one, the other answers.

Alice's client, the operations and the check of the aftermath are those of tests/faults.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from luminous_protocol.names import TRANSACTION
from tests.faults.doomed import INSIDE, Doomed
from tests.faults.operations import toggle
from tests.integration.bus_client import Client
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_sandbox.machine import Sandbox
    from tests.machine.machine import Machine

FAULTS: Final = "/usr/local/lib/faults"
_CHECKOUT: Final = Path(__file__).parents[2]
_PRODUCT: Final = "/usr/lib/luminous"
_GROUPS: Final = {"root": "root", "alice": "users"}
# The shipped unit, but its program takes its modules from where the test says, too.
_DROP_IN: Final = f"""[Service]
Environment=PYTHONPATH={FAULTS}:{_PRODUCT}
ReadWritePaths=-/run/faults
ExecStart=
ExecStart=/usr/bin/python3 /usr/bin/luminousd
"""
_MOMENT_SECONDS: Final = 40.0


class Inside:
    """The machine with the verbs of a sandbox."""

    def __init__(self, machine: Machine) -> None:
        """Take a machine that runs."""
        self._machine = machine

    def path(self, path: str) -> Path:
        """Return where the host sees a path of the machine, as long as it is not booted again."""
        return Path(f"/proc/{self._machine.leader}/root", path.lstrip("/"))

    def run(self, argv: list[str], user: str = "alice") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.popen(argv, user) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(argv, process.returncode, output, errors)

    def popen(self, argv: list[str], user: str = "alice") -> subprocess.Popen[str]:
        """Start a command with pipes to its three streams; Python is that of the tests' client."""
        if argv[0] == "python":
            python = ["/usr/bin/env", f"PYTHONPATH={_PRODUCT}", "/usr/bin/python3"]
            argv = [*python, f"{FAULTS}/client/{Path(argv[1]).name}", *argv[2:]]
        become = ("setpriv", f"--reuid={user}", f"--regid={_GROUPS[user]}", "--init-groups")
        return subprocess.Popen(
            [*self._machine.entering, *become, *argv],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        )

    @property
    def daemon_log(self) -> str:
        """Everything the daemon has written since the machine was booted."""
        return self._machine.succeed("journalctl --boot --unit=luminousd --output=cat || true")


class Booted(Doomed):
    """A booted machine whose daemon can be stopped at any moment, and its power cut then."""

    def __init__(self, machine: Machine) -> None:
        """Boot a new machine, and let its daemon be watched."""
        self.machine = machine
        self.sandbox = cast("Sandbox", Inside(machine))  # with those of its verbs that are needed
        machine.start()
        machine.wait_for_unit("multi-user.target")
        self._lay_down()
        self.start()
        toggle(self)

    def start(self) -> None:
        """Wait until it is up, and join its bus; the daemon is started by the first call."""
        self.machine.wait_for_unit("multi-user.target")
        self._folder = self.sandbox.path("/run/faults")
        self._folder.mkdir(exist_ok=True)
        self.alice = Client(self.sandbox)

    def cut_power(self) -> None:
        """Cut the power, and boot again."""
        self.machine.crash()
        self.alice.leave()
        self.machine.start()
        self.start()

    def cut_power_in_time(self) -> None:
        """Cut it when the moment has come at which the daemon was to be stopped."""
        wait_until(self.has_come, _MOMENT_SECONDS)
        self.cut_power()

    def apply_and_confirm(self, plan: str, options: Mapping[str, Any]) -> None:
        """Apply a plan, and confirm it where that is asked for, until the power is cut."""
        with contextlib.suppress(AssertionError, BrokenPipeError):
            path = self.alice.apply(plan, **options)
            if options and self.alice.until(path, "confirming")["State"] == "confirming":
                self.alice.send(path, (TRANSACTION, "Confirm"))

    def _lay_down(self) -> None:
        folder = self.sandbox.path(FAULTS)
        shutil.copytree(INSIDE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "client").mkdir()
        shutil.copy(_CHECKOUT / "tests" / "integration" / "bus_program.py", folder / "client")
        unit = self.sandbox.path("/etc/systemd/system/luminousd.service.d")
        unit.mkdir(parents=True)
        (unit / "faults.conf").write_text(_DROP_IN)
        self.machine.succeed("mkdir --parents /run/faults; systemctl daemon-reload")
