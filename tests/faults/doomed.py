"""A sandbox whose daemon can be ended at any moment of inside/sitecustomize.py."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_sandbox.services import ServiceError
from tests.faults.operations import toggle
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

INSIDE = Path(__file__).with_name("inside")
_DEATH_SECONDS = 25.0


class Doomed:
    """A sandbox with a watched daemon, and alice on its bus."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Take a sandbox without a daemon, and start one there."""
        self.sandbox = sandbox
        self._folder = sandbox.path("/run") / "faults"
        self._folder.mkdir()
        self.start()
        self.alice = Client(sandbox)
        toggle(self)  # the boot menu is from before this machine; after a change it is its own

    def start(self) -> None:
        """Start the daemon; it has recovered when it answers the first call."""
        self.sandbox.start_daemon({"PYTHONPATH": str(INSIDE)})

    def start_to_die(self) -> None:
        """Start a daemon that is ended in its recovery, perhaps before anybody has seen it."""
        with contextlib.suppress(ServiceError):
            self.start()

    def want(self, moment: str, how: str = "kill") -> None:
        """Let the daemon be ended, or stopped, at a moment."""
        self._clear("seen").touch()
        self._clear("wanted").write_text(f"{moment}\n{how}")

    def want_nothing(self) -> None:
        """Let the daemon live."""
        self._clear("wanted")

    def has_come(self) -> bool:
        """Tell whether the wanted moment has come."""
        return (self._folder / "wanted").read_text().startswith("done")

    def moments(self) -> list[str]:
        """Return the moments that have passed since one was wanted."""
        return (self._folder / "seen").read_text().splitlines()

    def clear_knobs(self) -> None:
        """Switch off what makes the machine's own programs fail."""
        for knob in self.sandbox.knobs():
            self.sandbox.clear_knob(knob)

    def apply(self, plan: str, **options: Any) -> str:  # noqa: ANN401 - as `Apply` takes them
        """Apply a plan; return the transaction, or nothing where the daemon ended before."""
        try:
            return self.alice.apply(plan, **options)
        except Refused as error:
            if error.name not in {"NoReply", "Disconnected"}:
                raise
            return ""

    def wait_for_death(self) -> None:
        """Wait until the daemon has ended, and forget what ended it."""
        wait_until(lambda: not self.sandbox.daemon_is_running, _DEATH_SECONDS)
        assert self.has_come(), self.sandbox.daemon_log
        self.want_nothing()

    def _clear(self, name: str) -> Path:
        file = self._folder / name
        file.unlink(missing_ok=True)
        return file
