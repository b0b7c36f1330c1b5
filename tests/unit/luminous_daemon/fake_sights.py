"""What only explanations look at, as a test says: a closure, units with logs, directories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_daemon.core.explaining.sights import Folder, Fullness, Requisite, Sights, UnitState
from luminous_protocol.errors import SystemdUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_daemon.core.ports import Caller


@dataclass
class FakeSights:
    """References, units and disks in one; `sights` hands them out as the ports that they are."""

    graph: dict[str, Requisite] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)
    logs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    readers: frozenset[int] = frozenset({0, 1000})
    disks: tuple[Fullness, ...] = ()
    grown: tuple[Folder, ...] = ()
    is_systemd_there: bool = True

    def sights(self) -> Sights:
        """Return the ports."""
        return Sights(self, self, self)

    async def closure(self, path: str) -> Mapping[str, Requisite]:
        """Return the graph, if the path is in it."""
        return self.graph if path in self.graph else {}

    async def total(self) -> int:
        """Return the bytes of the graph."""
        return sum(item.size for item in self.graph.values())

    async def find(self, names: Sequence[str]) -> UnitState | None:
        """Return the first that there is."""
        return next((self.units[name] for name in names if name in self.units), None)

    async def names(self) -> Sequence[str]:
        """Return all names."""
        if not self.is_systemd_there:
            raise SystemdUnavailable("It does not answer.")
        return list(self.units)

    async def log(self, unit: str, lines: int) -> tuple[str, ...]:
        """Return the last lines."""
        return self.logs.get(unit, ())[-lines:]

    def may_read_logs(self, caller: Caller) -> bool:
        """Tell readers by their number."""
        return caller.uid in self.readers

    def fullness(self, paths: Sequence[str]) -> Sequence[Fullness]:
        """Return those that are asked for."""
        return [disk for disk in self.disks if disk.path in paths]

    async def folders(self) -> Sequence[Folder]:
        """Return all."""
        return self.grown
