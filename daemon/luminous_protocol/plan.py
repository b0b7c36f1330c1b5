"""A plan: what would change, shown before anything does. Immutable once it is ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_protocol.changes import Change


class PlanState(StrEnum):
    """Where a plan is in its short life."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    USED = "used"
    DISCARDED = "discarded"


class Risk(StrEnum):
    """How much a change can hurt. `HIGH` cannot be taken back, or can lock somebody out."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that comes, goes or changes its version. An empty version means absent."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class OptionChange:
    """An option whose value differs. The texts are as Nix writes them.

    An empty one means that no file of the machine's own sets the option.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Closure:
    """What the store holds for the system. Sizes are in bytes; -1 means not known yet.

    `after` is known once the new system is built; `estimate` is what can be said of it before.
    `builds` names derivations to be built; `fetches` counts paths to be downloaded, of `download`
    bytes, which are `unpacked` bytes in the store; `fetched` names the first of them.
    """

    before: int = -1
    after: int = -1
    estimate: int = -1
    builds: tuple[str, ...] = ()
    fetches: int = 0
    download: int = 0
    unpacked: int = 0
    fetched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """A part of the system that NixOS does not exchange while the machine runs."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Keeper:
    """What keeps something in the store: a link, a profile, a process, or Nix itself.

    `name` is of what it keeps, empty where that is somebody else's business; there are so many
    `links` to it. `size` are the bytes of all that it needs; of these `exclusive` are kept by
    nothing else, -1 where that is not known.
    """

    kind: str
    what: str
    name: str
    links: int
    size: int
    exclusive: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a plan needs in a file system, and what is free there, in bytes.

    Of what is `needed`, `certain` is no guess.
    """

    path: str
    needed: int
    certain: int
    free: int

    @property
    def is_enough(self) -> bool:
        """Tell whether all of it fits."""
        return self.needed <= self.free

    @property
    def is_too_small(self) -> bool:
        """Tell whether it is certain that it does not fit."""
        return self.certain > self.free


@dataclass(frozen=True, slots=True)
class UnitEffects:
    """Names of systemd units that the change starts, stops, restarts or reloads."""

    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether any unit is affected."""
        return bool(self.start or self.stop or self.restart or self.reload)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a person needs to decide. `id` is the digest of all that the plan depends on.

    `configuration_diff` is a unified diff; `action` is the polkit action; `expires` is in seconds
    since the epoch; `generations` are those that will be deleted (garbage) or activated (rollback),
    `generation_dates` when they were made; `keepers` is what garbage collection leaves;
    `options_problem` says why `options` are not known, where they are not.
    """

    id: str
    summary: str
    risk: Risk
    changes: tuple[Change, ...]
    action: str
    expires: int
    configuration_diff: str = ""
    packages: tuple[PackageChange, ...] = ()
    options: tuple[OptionChange, ...] = ()
    options_problem: str = ""
    closure: Closure = field(default_factory=Closure)
    rooms: tuple[Room, ...] = ()
    units: UnitEffects = field(default_factory=UnitEffects)
    reboot_required: bool = False
    reboot_reason: str = ""
    inhibitors: tuple[Inhibitor, ...] = ()
    generations: tuple[int, ...] = ()
    generation_dates: tuple[int, ...] = ()
    keepers: tuple[Keeper, ...] = ()
    warnings: tuple[str, ...] = ()
