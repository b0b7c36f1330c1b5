"""A stand-in for starting processes: it remembers whole commands, and answers from a list."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, Any

from luminous_daemon.nix import (
    activation,
    channels,
    closures,
    evaluate,
    flake_inputs,
    generations,
    health,
    probes,
    repository,
    roots,
    signs,
    store,
)
from luminous_daemon.nix.command import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from luminous_daemon.nix.command import Command

SEAMS = (
    *(store, evaluate, channels, flake_inputs, repository),
    *(generations, health, probes, signs, closures, roots),
)
"""The modules that run commands to their end."""


class Recorder:
    """Answers commands in order; one without an answer succeeds and says nothing."""

    def __init__(self) -> None:
        """Expect nothing in particular."""
        self.commands: list[Command] = []
        self.logs: list[Path] = []
        self._answers: deque[Outcome] = deque()
        self.while_running: Callable[[Command], None] = lambda _: None
        self.is_stuck = False

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the one function that starts processes, wherever it is used."""
        for module in SEAMS:
            monkeypatch.setattr(module, "run", self.run)
        monkeypatch.setattr(activation, "run", self.run)
        monkeypatch.setattr(activation, "run_detached", self.run_detached)

    def answer(self, output: str = "", *errors: str, status: int = 0) -> None:
        """Let the next command end so."""
        self._answers.append(Outcome(status, output, errors))

    async def run(
        self, command: Command, on_line: Callable[[str], object] | None = None
    ) -> Outcome:
        """Do as `command.run` does."""
        self.commands.append(command)
        self.while_running(command)
        if self.is_stuck:
            await asyncio.Event().wait()
        outcome = self._answers.popleft() if self._answers else Outcome(0, "", ())
        for line in outcome.errors if on_line else ():
            on_line(line)  # type: ignore[misc] # there is one: mypy does not see it
        return outcome

    async def run_detached(
        self, command: Command, log: Path, on_line: Callable[[str], None]
    ) -> int:
        """Do as `command.run_detached` does."""
        self.logs.append(log)
        return (await self.run(command, on_line)).status

    @property
    def argvs(self) -> list[tuple[str, ...]]:
        """The argument lists, in order."""
        return [command.argv for command in self.commands]


def request_in(command: Command) -> dict[str, Any]:
    """Return the request that a command carries."""
    found: dict[str, Any] = json.loads(command.argv[-1])
    return found
