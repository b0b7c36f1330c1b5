"""Knowledge that was given: names by words, whether the machine has them or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeKnowledge:
    """Returns what the machine's `meant` says."""

    machine: Machine

    async def packages_for(self, words: str) -> list[str]:
        """Return what was given for packages."""
        await self.machine.take("knowledge.packages_for")
        return [*self.machine.meant.get(words, ())]

    async def options_for(self, words: str) -> list[str]:
        """Return what was given for options."""
        await self.machine.take("knowledge.options_for")
        return [*self.machine.meant.get(words, ())]
