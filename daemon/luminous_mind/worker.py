"""The worker: one thread for all that takes time, so that the loop is always free to listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from luminous_protocol.errors import InvalidValue, LimitExceeded
from luminous_protocol.frames import Value

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from luminous_protocol.frames import Request

    OnPart = Callable[[Value], Awaitable[None]]
    Job = Callable[[dict[str, Value], OnPart], Awaitable[Value]]

Method = Callable[[dict[str, Value]], Generator[Value, None, Value]]
"""What answers a request: it yields the parts and returns the end, all of it in the thread."""

MAX_WAITING = 64
"""So many requests are under way or wait for their turn at most, everybody's together."""


class Worker:
    """Does one step of one request at a time; the others have their turns in between.

    Jobs have a process of their own, and nobody waits for them.
    """

    def __init__(self, methods: Mapping[str, Method], jobs: Mapping[str, Job]) -> None:
        """Know these methods and jobs."""
        self._methods, self._jobs = methods, jobs
        self._thread = ThreadPoolExecutor(1, "worker")
        self._waiting = 0

    async def answer(self, request: Request, on_part: OnPart) -> Value:
        """Hand each part to `on_part` and return the end.

        When the task is cancelled, the step that runs is left to itself and no other one begins.
        """
        if request.method in self._jobs:
            return await self._jobs[request.method](request.params, on_part)
        method = self._methods.get(request.method)
        if method is None:
            known = ", ".join(sorted((*self._methods, *self._jobs)))
            raise InvalidValue(f"There is no method {request.method!r} here. Known: {known}.")
        if self._waiting >= MAX_WAITING:
            raise LimitExceeded("Too many searches at the same time. Try again in a moment.")
        self._waiting += 1
        try:
            return await self._step_through(method(request.params), on_part)
        finally:
            self._waiting -= 1

    async def _step_through(
        self,
        steps: Generator[Value, None, Value],
        on_part: OnPart,
    ) -> Value:
        loop = asyncio.get_running_loop()
        while True:
            value, is_end = await loop.run_in_executor(self._thread, _step, steps)
            if is_end:
                return value
            await on_part(value)

    def stop(self) -> None:
        """Begin nothing new."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _step(steps: Generator[Value, None, Value]) -> tuple[Value, bool]:
    """Return the next value, and whether it is the end."""
    try:
        return next(steps), False
    except StopIteration as end:
        return end.value, True
