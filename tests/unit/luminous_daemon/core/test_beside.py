"""Work beside a block: it gives its result, ends with the block, and is never reported as lost."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from luminous_daemon.core.beside import beside


async def _give(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def _fail() -> None:
    raise ValueError("too soon")


def test_the_block_may_wait_for_the_result() -> None:
    async def use() -> int:
        async with beside(_give(3)) as work:
            return await work

    assert asyncio.run(use()) == 3


def test_it_does_not_outlive_the_block() -> None:
    async def use() -> asyncio.Task[Any]:
        async with beside(asyncio.sleep(60)) as work:
            await asyncio.sleep(0)
        return work

    assert asyncio.run(use()).cancelled()


def test_a_failure_that_nobody_waits_for_is_not_reported() -> None:
    reports: list[dict[str, Any]] = []

    async def use() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, report: reports.append(report))
        async with beside(_fail()):
            await asyncio.sleep(0)
        gc.collect()

    asyncio.run(use())
    assert reports == []
