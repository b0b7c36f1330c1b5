"""A loop in which time passes at once: where everybody waits, it is the next moment already."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

_T = TypeVar("_T")


class _Hurry(selectors.DefaultSelector):
    """Waits for nothing, and counts the seconds that it would have waited."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.now += timeout
        return super().select(timeout and 0)


class _HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.hurry = _Hurry()
        super().__init__(self.hurry)

    def time(self) -> float:
        return self.hurry.now


def run_at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """Do as `asyncio.run` does, with a clock that begins at 0."""
    with asyncio.Runner(loop_factory=_HurriedLoop) as runner:
        return runner.run(work)
