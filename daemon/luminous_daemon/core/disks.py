"""File systems: what the decisions about free space need to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A mounted file system: something that tells it from others, and the bytes free in it."""

    identity: int
    free: int


class Disks(Protocol):
    """The file systems of this machine."""

    def holding(self, path: str) -> FileSystem | None:
        """Return the one that `path` is in; None where there is no such path."""
