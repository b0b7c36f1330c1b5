"""A journal in memory, which keeps only what would have survived on disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.luminous_daemon.fake_world import Machine


class FakeJournal:
    """Keeps every entry as JSON text."""

    def __init__(self, machine: Machine) -> None:
        """Begin empty; writing is a step of `machine` that can fail."""
        self._machine = machine
        self.entries: list[str] = []

    def begin(self, record: Record) -> None:
        """Write that a transaction begins."""
        self._write("journal.begin", {"record": asdict(record)})

    def step(self, identifier: str, step: str, data: Mapping[str, Any]) -> None:
        """Write a step before it is taken."""
        self._write(f"journal.{step}", {"id": identifier, "step": step, "data": dict(data)})

    def finish(self, record: Record) -> None:
        """Write what came of a transaction."""
        self._write("journal.finish", {"record": asdict(record)})

    def records(self, limit: int) -> list[Record]:
        """Return the newest records, newest first."""
        return list(reversed(self._records().values()))[:limit]

    def find(self, identifier: str) -> Record | None:
        """Return one record."""
        return self._records().get(identifier)

    def problem(self) -> str:
        """Say that nothing is damaged."""
        return ""

    def steps(self, identifier: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the steps of one transaction."""
        entries = map(json.loads, self.entries)
        return [(e["step"], e["data"]) for e in entries if e.get("id") == identifier]

    def unfinished(self) -> list[tuple[Record, list[tuple[str, dict[str, Any]]]]]:
        """Return what a daemon finds at its start."""
        return [(r, self.steps(r.id)) for r in self._records().values() if not r.finished]

    def _records(self) -> dict[str, Record]:
        found = (json.loads(entry).get("record") for entry in self.entries)
        return {
            data["id"]: Record(
                **data | {"changes": tuple(data["changes"]), "inverse": tuple(data["inverse"])}
            )
            for data in found
            if data
        }

    def _write(self, step: str, entry: dict[str, Any]) -> None:
        self._machine.begin(step)
        self.entries.append(json.dumps(entry))
        self._machine.end()
