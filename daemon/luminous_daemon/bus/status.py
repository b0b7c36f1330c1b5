"""The state of the machine in short, read again only when something has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.kept import Kept
from luminous_daemon.core.comparing import reboot_reason
from luminous_daemon.core.definitions import SYSTEM_PACKAGES, items_of
from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.core.ports import Generation


class StatusBoard:
    """What `Status` and the properties of `org.luminous1.System` show."""

    def __init__(
        self,
        objects: Objects,
        stamp: Callable[[], object],
        constants: Callable[[], Awaitable[dict[str, str]]],
    ) -> None:
        """Show what `objects` know.

        `stamp` changes whenever the machine, Luminous's file or the settings do, and is cheap;
        `constants` are looked up once.
        """
        self._objects = objects
        self._constants = constants
        self._fixed: dict[str, str] = {}
        self._machine = Kept(stamp, self._look)
        self._whole = Kept(lambda: (stamp(), self._activity()), self._put_together)
        self.stamp = stamp

    async def read(self) -> dict[str, Any]:
        """Return the status."""
        if not self._fixed:
            self._fixed = await self._constants()
        return self._whole.read()

    def forget(self) -> None:
        """Look the constants up again: other settings are in force."""
        self._fixed = {}

    def properties(self) -> dict[str, Any]:
        """Return the properties of `org.luminous1.System` but for the version."""
        machine = self._machine.read()
        return {
            "CurrentGeneration": machine["current"],
            "BootedGeneration": machine["booted"],
            "DefaultGeneration": machine["default"],
            "RebootRequired": machine["reboot-required"],
            "Busy": self._objects.executor.is_busy,
        }

    def _activity(self) -> dict[str, Any]:
        path, state = self._objects.running_transaction()
        return {
            "busy": self._objects.executor.is_busy,
            "transaction": path,
            "transaction-state": state,
            "journal-problem": self._objects.world.journal.problem(),
        }

    def _put_together(self) -> dict[str, Any]:
        return {**self._fixed, **self._machine.read(), **self._activity()}

    def _look(self) -> dict[str, Any]:
        world = self._objects.world
        generations = world.profile.generations()
        running = world.profile.running()
        toplevels = world.toplevels
        reason = reboot_reason(
            toplevels.boot(world.profile.booted() or running), toplevels.boot(running)
        )
        current = next((item for item in generations if item.is_current), None)
        system = current or world.profile.describe(running)
        return {
            "current": system.number,
            "nixos-version": system.nixos_version,
            "kernel": system.kernel,
            "booted": _number(generations, "is_booted"),
            "default": world.profile.default(),
            "generations": len(generations),
            "reboot-required": bool(reason),
            "reboot-reason": reason,
            **self._own_file(),
        }

    def _own_file(self) -> dict[str, Any]:
        try:
            definitions = self._objects.world.configuration.read().definitions
        except LuminousError as error:
            return {"packages": [], "definitions": 0, "configuration-problem": error.message}
        items = items_of(definitions, SYSTEM_PACKAGES)
        return {
            "packages": [
                str(item["package"])
                for item in items
                if isinstance(item, dict) and "package" in item
            ],
            "definitions": len(definitions),
            "configuration-problem": "",
        }


def _number(generations: list[Generation], mark: str) -> int:
    return next((item.number for item in generations if getattr(item, mark)), 0)
