"""The inputs of the fake machine: one channel, whose generations a test knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.inputs import InputsUpdate
from luminous_protocol.errors import NothingToDo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeInputs:
    """One channel, called nixos."""

    machine: Machine
    words: str = "channels"
    source: str = ""

    async def fetch(self, names: Sequence[str]) -> InputsUpdate:
        """Fetch the newest."""
        await self.machine.take("inputs.fetch")
        newest = self.machine.newest_inputs
        if newest == self.path_of(self.generation()):
            raise NothingToDo("Already up to date: nixos.")
        return InputsUpdate(
            (newest,), tuple(names) or ("nixos",), newest, self.generation(), self.source
        )

    async def adopt(self, update: InputsUpdate) -> None:
        """Put them in force."""
        await self.machine.take("inputs.adopt")
        self.machine.change_inputs(update.main)
        self.machine.end()

    async def restore(self, generation: int) -> None:
        """Go back."""
        await self.machine.take("inputs.restore")
        self.machine.inputs_generation = generation
        self.machine.end()

    def generation(self) -> int:
        """Return what is in force."""
        return self.machine.inputs_generation

    def fingerprint(self, path: str = "") -> str:
        """Return the path."""
        return path or self.path_of(self.generation())

    def updated(self) -> int:
        """Return when they came."""
        return self.machine.inputs_made

    def path_of(self, generation: int) -> str:
        """Return where a generation is; nothing when it is gone."""
        return self.machine.inputs.get(generation, "")
