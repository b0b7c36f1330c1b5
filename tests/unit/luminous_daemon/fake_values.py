"""Values of options, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeValues:
    """Values of options by system."""

    machine: Machine

    def of(self, toplevel: str) -> Mapping[str, str] | None:
        """Return what is kept."""
        return self.machine.values.get(toplevel)

    def keep(self, toplevel: str, values: Mapping[str, str]) -> None:
        """Keep it."""
        self.machine.values[toplevel] = dict(values)

    def retain(self, toplevels: Collection[str]) -> None:
        """Forget the others."""
        for gone in self.machine.values.keys() - set(toplevels):
            del self.machine.values[gone]
