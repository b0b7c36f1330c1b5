"""A transaction: a plan while it is being carried out, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TransactionState(StrEnum):
    """Where a transaction is. The last three are final."""

    PREPARING = "preparing"
    AUTHORISING = "authorising"
    WAITING = "waiting"
    BUILDING = "building"
    ACTIVATING = "activating"
    CONFIRMING = "confirming"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing will happen any more."""
        return self in {self.DONE, self.FAILED, self.CANCELLED}


class Mode(StrEnum):
    """How a plan is applied: now and at boot, from the next boot, until then, or only built."""

    SWITCH = "switch"
    BOOT = "boot"
    TEST = "test"
    BUILD = "build"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is. `expected` rises and falls while Nix finds out; -1 means unknown."""

    phase: str
    done: int = 0
    expected: int = -1
    running: int = 0
    package: str = ""

    @property
    def fraction(self) -> float:
        """The share done, between 0 and 1; -1 when it cannot be said."""
        return min(self.done / self.expected, 1.0) if self.expected > 0 else -1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What is true after a transaction.

    `running` and `default` are generation numbers (0: none, or a system that is no generation);
    `put_back` says that a failed activation was undone; `error` is an error's short name.
    """

    running: int = 0
    default: int = 0
    toplevel: str = ""
    put_back: bool = False
    error: str = ""
    message: str = ""
    log: tuple[str, ...] = ()
    freed: int = 0
    closure_before: int = -1
    closure_after: int = -1
