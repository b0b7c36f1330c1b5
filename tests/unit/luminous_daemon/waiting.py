"""Waiting for something that tasks in the same loop bring about, without a clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TURNS = 2_000


async def until(is_so: Callable[[], bool]) -> None:
    """Let the loop turn until something is so; fail when it never becomes so."""
    for _ in range(MAX_TURNS):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never became so")
