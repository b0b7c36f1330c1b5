"""The way back: what an activation has done so far, and how to undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from luminous_daemon.core.ports import FileEdit, World
    from luminous_daemon.core.transactions import Transaction


class WayBack:
    """What has been done so far, and how to undo it."""

    def __init__(self, world: World, transaction: Transaction) -> None:
        self._world = world
        self._transaction = transaction
        self.edit: FileEdit | None = None
        self.inputs = 0
        self.has_switched = False
        self.has_new_default = False
        self.failures: list[str] = []

    async def run(self) -> None:
        """Undo in reverse order; a failure on the way is kept, and the rest tried all the same."""
        if self.has_new_default:
            await self._try("the default generation", self._restore_default)
        if self.has_switched:
            await self._try("the running system", self._restore_running)
        if self.inputs:
            await self._try("the channels", self._restore_inputs)
        if self.edit:
            await self._try("the configuration", self._restore_edit)

    async def _try(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except (LuminousError, OSError) as error:
            self.failures.append(f"{what} could not be put back: {error}")

    async def _restore_default(self) -> None:
        profile, prepared = self._world.profile, self._transaction.prepared
        made = profile.default()
        if made in (0, prepared.default):
            return
        old = next(
            (item.toplevel for item in profile.generations() if item.number == prepared.default), ""
        )
        if old:
            await self._world.activation.make_default(
                old, prepared.default, self._transaction.write
            )
            if not prepared.toplevel:
                await profile.delete([made])

    async def _restore_running(self) -> None:
        base = self._transaction.prepared.base
        await self._world.activation.test(base, self._transaction.write)

    async def _restore_inputs(self) -> None:
        if self._world.inputs.generation() != self.inputs:
            await self._world.inputs.restore(self.inputs)

    async def _restore_edit(self) -> None:
        if self.edit:
            self._world.configuration.restore(self.edit)
