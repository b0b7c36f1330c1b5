"""Sights: ports that only explanations need; the daemon makes them when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_daemon.core.ports import Caller


@dataclass(frozen=True, slots=True)
class Requisite:
    """A path of a closure: its own bytes, and the paths that it refers to."""

    size: int
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit as systemd has it now; the words are systemd's own (org.freedesktop.systemd1).

    `since` is in seconds since the epoch, 0 where it never changed. `code` is how its main process
    ended (1 exited, 2 killed, 3 dumped core; 0 not yet), and `status` with which number.
    """

    name: str
    description: str = ""
    load: str = ""
    active: str = ""
    sub: str = ""
    enabled: str = ""
    result: str = ""
    code: int = 0
    status: int = 0
    since: int = 0
    restarts: int = 0
    pid: int = 0
    load_problem: str = ""


@dataclass(frozen=True, slots=True)
class Fullness:
    """A file system that is mounted: its bytes, and those that everybody may still use."""

    path: str
    size: int
    free: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory with the bytes in it; -1 where there was no time to count them.

    `home_of` is the user whose home it is.
    """

    path: str
    size: int
    home_of: str = ""


class References(Protocol):
    """What needs what in the store."""

    async def closure(self, path: str) -> Mapping[str, Requisite]:
        """Return the closure of a path, with who refers to whom; nothing where there is none."""

    async def total(self) -> int:
        """Return the bytes of everything in the store; -1 where Nix cannot say."""


class Units(Protocol):
    """Systemd's units and their logs. Raises `SystemdUnavailable`, where it does not run."""

    async def find(self, names: Sequence[str]) -> UnitState | None:
        """Return the first of these units that there is."""

    async def names(self) -> Sequence[str]:
        """Return the names of all units that are loaded."""

    async def log(self, unit: str, lines: int) -> tuple[str, ...]:
        """Return the last lines that a unit has written, the oldest first."""

    def may_read_logs(self, caller: Caller) -> bool:
        """Tell whether a caller could read the system's journal by other means."""


class Usage(Protocol):
    """What fills the disks."""

    def fullness(self, paths: Sequence[str]) -> Sequence[Fullness]:
        """Return the file systems that hold `paths`, each once, under the first of them."""

    async def folders(self) -> Sequence[Folder]:
        """Return the directories that grow, with what is in them, within a bounded time."""


@dataclass(frozen=True, slots=True)
class Sights:
    """All of them together."""

    references: References
    units: Units
    usage: Usage
