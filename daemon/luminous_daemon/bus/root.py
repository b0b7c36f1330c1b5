"""The root object, `/org/luminous1`: everything but single plans and transactions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from luminous_daemon.bus.explain import ExplainInterface
from luminous_daemon.bus.intent import IntentInterface, Judging
from luminous_daemon.bus.knowledge import KnowledgeInterface, Searching
from luminous_daemon.bus.service import BusObject
from luminous_daemon.bus.system import SystemInterface
from luminous_daemon.core.conversations import Conversations
from luminous_daemon.machine_names import MachineNames
from luminous_protocol import names

if TYPE_CHECKING:
    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.bus.status import StatusBoard
    from luminous_daemon.core.ports import Caller


class Minding(Searching, Judging, Protocol):
    """The mind, as far as the front door needs it."""


class RootObject(BusObject):
    """The front door."""

    kind: ClassVar[str] = "root"

    def __init__(self, objects: Objects, status: StatusBoard, mind: Minding, version: str) -> None:
        """Publish Luminous `version`."""
        conversations = Conversations(time.monotonic)
        super().__init__(
            names.ROOT_PATH,
            {
                names.INTENT: IntentInterface(
                    MachineNames(mind, objects.world), conversations, mind
                ),
                names.SYSTEM: SystemInterface(objects, status),
                names.KNOWLEDGE: KnowledgeInterface(mind, objects, conversations),
                names.EXPLAIN: ExplainInterface(objects),
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
