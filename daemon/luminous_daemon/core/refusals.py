"""Refusals: how often somebody may ask in vain.

Each request is on record before polkit is asked, so whoever is refused again and again would fill
the disk; and without a record nobody may change anything any more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

from luminous_protocol.errors import AuthorizationError, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luminous_daemon.core.ports import Caller

_MOST = 60
_SECONDS = 60.0


class Refusals:
    """The refusals of the last minute, by user."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Tell the time by `clock`, in seconds, which never jumps."""
        self._clock = clock
        self._times: dict[int, deque[float]] = {}

    @contextlib.contextmanager
    def counted(self, caller: Caller) -> Iterator[None]:
        """Count it if permission is not given inside. Raises `LimitExceeded` after too many."""
        self._forget()
        if len(self._times.get(caller.uid, ())) >= _MOST:
            raise LimitExceeded(
                f"You were refused {_MOST} times within a minute. Wait a minute, then try again."
            )
        try:
            yield
        except (AuthorizationError, asyncio.CancelledError):
            self._times.setdefault(caller.uid, deque()).append(self._clock())
            raise

    def _forget(self) -> None:
        oldest = self._clock() - _SECONDS
        for uid, times in list(self._times.items()):
            while times and times[0] <= oldest:
                times.popleft()
            if not times:
                del self._times[uid]
