"""Which generations a garbage collection deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.ports import Generation
    from luminous_protocol.changes import CollectGarbage

_DAY = 86_400


def choose_generations(
    generations: Sequence[Generation], change: CollectGarbage, now: float
) -> list[Generation]:
    """Return the generations to delete, newest first.

    Whatever is asked, the current, the booted and the default generation stay, and the one before
    the default, so that there is always a way back. What is newer than the default is not old: it
    is where a rollback came from.
    """
    newest_first = sorted(generations, key=lambda item: item.number, reverse=True)
    protected = _protected(newest_first)
    protected |= {item.number for item in newest_first[: change.keep]}
    oldest_kept = now - change.older_than_days * _DAY
    return [
        item
        for item in newest_first
        if item.number not in protected and (not change.older_than_days or item.date < oldest_kept)
    ]


def _protected(newest_first: Sequence[Generation]) -> set[int]:
    marked = {
        item.number for item in newest_first if item.is_current or item.is_booted or item.is_default
    }
    newest = newest_first[0].number if newest_first else 0
    default = next((item.number for item in newest_first if item.is_default), newest)
    marked |= {item.number for item in newest_first if item.number >= default}
    before = next((item.number for item in newest_first if item.number < default), None)
    return marked | ({before} if before is not None else set())
