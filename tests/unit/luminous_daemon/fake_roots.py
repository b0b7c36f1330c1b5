"""The garbage collector's roots, as a test says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.roots import Root
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeRoots:
    """Everything that there is, but for systems."""

    machine: Machine

    async def largest(self, system: Sequence[str]) -> list[Root]:
        """Return it."""
        await self.machine.take("roots.largest")
        return [root for root in self.machine.roots if root.path not in system]
