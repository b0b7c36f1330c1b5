"""Built systems, as the fake evaluator makes them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.unit.luminous_daemon.fake_evaluator import inhibitors_in, kernel_in, system_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.facts import Unit
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeToplevels:
    """Built systems."""

    machine: Machine

    def units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return its units."""
        return system_of(self.machine.systems[toplevel]).units

    def user_units(self, _toplevel: str) -> Mapping[str, Unit]:
        """Return none: users run nothing of their own here."""
        return {}

    def boot(self, toplevel: str) -> Mapping[str, str]:
        """Return its boot parts."""
        return {"kernel": kernel_in(self.machine.systems[toplevel])}

    def inhibitors(self, toplevel: str) -> Mapping[str, str]:
        """Return what the system's inputs say."""
        return inhibitors_in(self.machine.systems[toplevel])

    def boot_sizes(self, toplevel: str) -> Mapping[str, int]:
        """Return the kernel's size."""
        return {"kernel": self.machine.kernel_bytes} if toplevel else {}
