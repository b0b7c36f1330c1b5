"""Telling: what the job that indexes says to who started it, as JSON lines.

The last step is said again each second, so that a job ends soon where nobody listens any more: the
memory and the time that it takes are for somebody.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from luminous_protocol.indexing import IndexStep

if TYPE_CHECKING:
    from typing import Any, TextIO

    from luminous_protocol.errors import LuminousError
    from luminous_protocol.indexing import IndexReport

_AGAIN_SECONDS = 1.0


class Teller:
    """Says steps, and then a report or an error."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        """Say it to `output`."""
        self._output = output
        self._last = IndexStep("starting")
        self._lock, self._over = Lock(), Event()

    def begin(self) -> None:
        """Say from now on every second what is being done."""
        Thread(target=self._repeat, daemon=True).start()

    def step(self, step: IndexStep) -> None:
        """Say a step, where it is another than the last."""
        if step != self._last:
            self._last = step
            self._say({"step": asdict(step)})

    def report(self, report: IndexReport) -> None:
        """Say what came of it."""
        self._over.set()
        self._say({"report": asdict(report)})

    def error(self, error: LuminousError) -> None:
        """Say why nothing came of it."""
        self._over.set()
        self._say({"error": {"name": error.name, "message": error.message}})

    def _repeat(self) -> None:
        while not self._over.wait(_AGAIN_SECONDS):
            try:
                self._say({"step": asdict(self._last)})
            except OSError:
                os._exit(1)

    def _say(self, content: dict[str, Any]) -> None:
        with self._lock:
            self._output.write(json.dumps(content) + "\n")
            self._output.flush()
