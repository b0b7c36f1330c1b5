"""Interrupts: Ctrl-C counted instead of thrown, so that nothing is cut in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType

_LEAVING = (signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """While entered, Ctrl-C and SIGTERM add to `count`; `file` becomes readable.

    `is_leaving`: SIGTERM or SIGHUP came, so nobody will be there for much longer.
    """

    def __init__(self) -> None:
        """Nothing is caught before it is entered."""
        self.count = 0
        self.is_leaving = False
        self.file = -1
        self._writer = -1
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Self:
        self.file, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for number in (signal.SIGINT, *_LEAVING):
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal() gave back
        os.close(self.file)
        os.close(self._writer)

    def clear(self) -> None:
        """Make `file` unreadable until the next interrupt."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.file, 64):
                pass

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGHUP:
            self.count += 1
        if number != signal.SIGINT:
            self.is_leaving = True
        with contextlib.suppress(BlockingIOError):  # then it is readable already
            os.write(self._writer, b"!")
