"""File systems with what a test says is free in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.disks import FileSystem

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeDisks:
    """One file system for each path that is known."""

    machine: Machine

    def holding(self, path: str) -> FileSystem | None:
        """Return what is free there."""
        paths = list(self.machine.free)
        return FileSystem(paths.index(path), self.machine.free[path]) if path in paths else None
