"""The repository around a configuration, in which somebody may have left something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeRepository:
    """A repository in which Luminous's own file may be new."""

    machine: Machine

    async def uncommitted(self) -> tuple[str, ...]:
        """Return what somebody else has changed."""
        await self.machine.take("repository.uncommitted")
        return self.machine.uncommitted

    async def track(self) -> None:
        """Make the file known."""
        await self.machine.take("repository.track")
