"""The repository around a configuration, in which somebody may have left something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.unit.luminous_daemon.fake_configuration import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeRepository:
    """A repository in which Luminous's own file may be new."""

    machine: Machine

    def state(self) -> str:
        """Return what is known."""
        return f"{self.machine.is_tracked} {self.machine.tracked}"

    async def uncommitted(self) -> tuple[str, ...]:
        """Return what somebody else has changed."""
        await self.machine.take("repository.uncommitted")
        return self.machine.uncommitted

    async def unknown_files(self, created: Sequence[str]) -> tuple[str, ...]:
        """Return the file, which is there or created."""
        await self.machine.take("repository.unknown_files")
        assert not created or not self.machine.text
        return () if self.machine.is_tracked else (FILE,)

    async def unknown_among(self, files: Sequence[str]) -> tuple[str, ...]:
        """Return what nobody has made known."""
        return tuple(file for file in files if file not in self.machine.tracked)

    async def commit(self, message: str, author: str, *, with_inputs: bool) -> None:
        """Commit the file."""
        if "repository.commit" in self.machine.troubles:
            await self.machine.take("repository.commit")
        self.machine.commits.append((message, author, with_inputs))

    async def track(self, files: Sequence[str]) -> None:
        """Make the files known."""
        await self.machine.take("repository.track")
        self.machine.is_tracked = self.machine.is_tracked or FILE in files
        self.machine.tracked.update(set(files) - {FILE})
        self.machine.end()

    async def untrack(self, files: Sequence[str]) -> None:
        """Forget them."""
        await self.machine.take("repository.untrack")
        self.machine.is_tracked = self.machine.is_tracked and FILE not in files
        self.machine.tracked.difference_update(files)
        self.machine.end()
