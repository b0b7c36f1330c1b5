"""Bounds: how many questions of one user are under way at most, over all connections."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from luminous_protocol.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_daemon.core.ports import Caller


class Bounded:
    """Counts each user's questions: who asks without end is not to fill the queue of all."""

    def __init__(self, most: int, what: str) -> None:
        """Let `most` be under way; `what` names them in the plural."""
        self._most = most
        self._what = what
        self._under_way: Counter[int] = Counter()

    @contextmanager
    def counted(self, caller: Caller) -> Iterator[None]:
        """Count one question. Raises `LimitExceeded`."""
        if self._under_way[caller.uid] >= self._most:
            raise LimitExceeded(
                f"{self._most} {self._what} of yours are under way already. Wait for one of them."
            )
        self._under_way[caller.uid] += 1
        try:
            yield
        finally:
            self._under_way[caller.uid] -= 1
            if not self._under_way[caller.uid]:
                del self._under_way[caller.uid]
