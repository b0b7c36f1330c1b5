"""The suite: all benchmarks by name, and what each is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from luminous_sandbox.options import SandboxOptions
from tests.benchmarks import (
    booted,
    bus,
    daemon,
    flooding,
    planning,
    starting,
    switching,
    understanding,
)
from tests.benchmarks.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.row import Row
    from tests.benchmarks.sampling import Effort


@dataclass(frozen=True)
class Bench:
    """How a benchmark is run: the effort, and the bus library (None: what the daemon takes)."""

    effort: Effort
    dbus_library: str | None = None

    def machine(self, *, daemon: bool = True) -> Machine:
        """Return a machine of its own for a benchmark, so that none finds another's traces."""
        chosen = {"LUMINOUS_DBUS_LIBRARY": self.dbus_library} if self.dbus_library else {}
        return Machine(SandboxOptions(daemon=daemon, environment=chosen))


SUITE: Final[Mapping[str, Callable[[Bench], list[Row]]]] = {
    "help": starting.help_cold,
    "status": starting.status_cold,
    "daemon-start": daemon.start,
    "daemon-memory": daemon.memory,
    "status-round-trip": bus.status,
    "list-generations": bus.generations,
    "flood": flooding.flooded,
    "recogniser": understanding.recogniser,
    "words-to-plan": planning.plan,
    "switch": switching.switch,
    "booted": booted.booted,
}
"""The benchmarks; each gives one row or more."""
