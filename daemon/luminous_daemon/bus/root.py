"""The root object, `/org/luminous1`: everything but single plans and transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luminous_daemon.bus.intent import IntentInterface
from luminous_daemon.bus.knowledge import KnowledgeInterface
from luminous_daemon.bus.service import BusObject
from luminous_daemon.bus.system import SystemInterface
from luminous_protocol import names

if TYPE_CHECKING:
    from luminous_daemon.bus.knowledge import Searching
    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.bus.status import StatusBoard
    from luminous_daemon.core.ports import Caller


class RootObject(BusObject):
    """The front door."""

    kind: ClassVar[str] = "root"

    def __init__(
        self, objects: Objects, status: StatusBoard, mind: Searching, version: str
    ) -> None:
        """Publish Luminous `version`."""
        super().__init__(
            names.ROOT_PATH,
            {
                names.INTENT: IntentInterface(),
                names.SYSTEM: SystemInterface(objects, status),
                names.KNOWLEDGE: KnowledgeInterface(mind, objects),
            },
        )
        self._objects = objects
        self._status = status
        self._version = version

    def properties(self, interface: str) -> dict[str, Any]:
        """Return the properties of one interface."""
        if interface != names.SYSTEM:
            return {}
        return {"Version": self._version, **self._status.properties()}

    def children(self, caller: Caller) -> list[str]:
        """Return the relative paths of the plans and transactions that the caller may see."""
        prefix = names.ROOT_PATH + "/"
        paths = (item.path for item in self._objects.service.visible(caller))
        return sorted(path.removeprefix(prefix) for path in paths if path.startswith(prefix))
