"""Records: what the journal keeps of transactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


DAMAGED_STEP = "damaged"
"""What stands among a transaction's steps where an entry of the journal cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Record:
    """A transaction as the journal keeps it. Times are in seconds since the epoch.

    `changes` and `inverse` are plain data, as `change_to_dict` gives it. `generation` is the one
    that boots by default afterwards; `made` is the one that the transaction made, or 0; `undoes` is
    the id of the transaction that this one took back; `placed` what it edited in other files. With
    `is_mending` there was no system to build before, so that none is there to go back to.
    """

    id: str
    summary: str
    words: str
    uid: int
    user: str
    started: int
    changes: tuple[Mapping[str, Any], ...]
    inverse: tuple[Mapping[str, Any], ...] = ()
    finished: int = 0
    state: str = ""
    error: str = ""
    message: str = ""
    generation: int = 0
    made: int = 0
    undoes: str = ""
    placed: tuple[Mapping[str, Any], ...] = ()
    is_mending: bool = False

    @property
    def is_undoable(self) -> bool:
        """Tell whether an undo is to choose it."""
        return bool(self.inverse) and self.state == "done" and not self.is_mending
