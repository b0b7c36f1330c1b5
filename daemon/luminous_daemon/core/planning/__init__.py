"""Planning: from changes to a plan that says everything and has done nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from luminous_daemon.core import policy
from luminous_daemon.core.planning.configuration import ConfigurationPlanner
from luminous_daemon.core.planning.generations import plan_garbage, plan_generation
from luminous_daemon.core.planning.imports import plan_import
from luminous_daemon.core.planning.request import Request
from luminous_protocol.changes import CollectGarbage, ImportFile, SwitchGeneration, UpdateInputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.ports import World
    from luminous_daemon.core.prepared import Prepared
    from luminous_protocol.transaction import Progress

__all__ = ["Planner", "Request"]


class Planner:
    """Prepares plans for one machine, of each user one after the other.

    So nobody's flood of plans takes the machine from what somebody else asks.
    """

    def __init__(
        self, world: World, on_disk: OnDisk, plan_seconds: int = policy.PLAN_SECONDS
    ) -> None:
        """Plan over `world`; plans expire after `plan_seconds`."""
        self._world = world
        self._on_disk = on_disk
        self.plan_seconds = plan_seconds
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def prepare(
        self, request: Request, progress: Callable[[Progress, str], None] = lambda *_: None
    ) -> Prepared:
        """Return a plan of everything that `request` asks for.

        Raises a `RequestError` when it cannot be, and an `OperationError` when the configuration
        does not evaluate or, with `build`, does not build. Nothing on the machine is changed.
        """
        policy.check_fit(request.changes)
        if _is_long(request):
            return await self._prepare(request, progress)
        async with self._turns.setdefault(request.caller.uid, asyncio.Lock()):
            return await self._prepare(request, progress)

    async def _prepare(
        self, request: Request, progress: Callable[[Progress, str], None]
    ) -> Prepared:
        expires = int(self._world.clock()) + self.plan_seconds
        match request.changes[0]:
            case SwitchGeneration() as change:
                return await plan_generation(self._world, request, change, expires)
            case CollectGarbage() as change:
                return await plan_garbage(self._world, request, change, expires)
            case ImportFile():
                return await plan_import(self._world, self._on_disk, request, expires)
            case _:
                planner = ConfigurationPlanner(self._world, self._on_disk, expires)
                return await planner.prepare(request, progress)


def _is_long(request: Request) -> bool:
    """Tell whether a plan waits most of its time, for builds or the network."""
    return request.build or any(isinstance(change, UpdateInputs) for change in request.changes)
