"""The job: indexing in a process of its own, so that searches go on and its end is not theirs.

This is the one module of the mind that starts a process: this very program, with `--index --json`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_protocol.errors import Busy, Interrupted, InvalidValue, error_named
from luminous_protocol.frames import BadFrame, parse
from luminous_protocol.indexing import IndexReport, IndexRequest, IndexStep

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Sequence

    from luminous_protocol.frames import Value

    OnPart = Callable[[Value], Awaitable[None]]

_log = logging.getLogger("luminous-mind")
_LONGEST_LINE = 2**20
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""What numpy is told: it would start a thread a core for sums that are nothing."""


class Job:
    """Indexes, once at a time."""

    def __init__(self, program: Sequence[str]) -> None:
        """Run `program`, which is this one with its settings."""
        self._program = program
        self._is_running = False

    async def ingest(self, params: dict[str, Value], on_part: OnPart) -> Value:
        """Hand on each step, and return the report; when cancelled, the process is ended.

        Raises what the job itself tells, `Busy` and `Interrupted`.
        """
        try:
            request = parse(IndexRequest, params)
        except BadFrame as bad:
            raise InvalidValue(bad.message) from None
        if self._is_running:
            raise Busy("The sources are being indexed at this moment. Wait until it is done.")
        self._is_running = True
        try:
            return await self._run(request, on_part)
        finally:
            self._is_running = False

    async def _run(self, request: IndexRequest, on_part: OnPart) -> Value:
        source = ("--source", request.source) if request.source else ()
        process = await asyncio.create_subprocess_exec(
            *self._program,
            *("--index", "--json", *source),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            limit=_LONGEST_LINE,
            env={**os.environ, **_ONE_THREAD},
        )
        try:
            return await _listen(process, on_part)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _listen(process: Process, on_part: OnPart) -> Value:
    """Hand on what the job says to its end, and return that."""
    last: Value = None
    assert process.stdout  # noqa: S101 - it was asked for
    while line := await process.stdout.readline():
        said = json.loads(line)
        if "error" in said:
            raise error_named(**said["error"])
        if "report" in said:
            return asdict(parse(IndexReport, said["report"]))
        if said["step"] != last:
            last = said["step"]
            await on_part(asdict(parse(IndexStep, last)))
    _log.error("the job that indexes has ended with status %d", await process.wait())
    raise Interrupted(
        "What indexes has ended in the middle of it, perhaps for want of memory. What was indexed "
        "before is searched as it was."
    )


def own_program(settings: Path) -> tuple[str, ...]:
    """Return the command that starts this program once more, with the same settings."""
    script = Path(sys.argv[0])
    is_script = script.suffix != ".py" and os.access(script, os.X_OK)
    start = (str(script),) if is_script else (sys.executable, "-m", "luminous_mind")
    return (*start, "--settings", str(settings))
