"""The journal: every transaction and its steps, one JSON object a line, synced before each step.

A line of a text file is enough here: there is one writer, entries are never changed, and a torn
line is recognised because it does not parse. Damaged lines are left out, never trusted.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.ports import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VERSION = 1


class DiskJournal:
    """A journal in one file."""

    def __init__(self, file: Path) -> None:
        """Read what `file` holds; it is created with the first entry."""
        self._file = file
        self._records: dict[str, Record] = {}
        self._steps: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.damaged = 0
        self._is_torn = False
        if file.exists():
            self._load()

    def begin(self, record: Record) -> None:
        """Write that a transaction begins."""
        self._append({"event": "begin", **asdict(record)})
        self._records[record.id] = record

    def step(self, identifier: str, step: str, data: Mapping[str, Any]) -> None:
        """Write a step before it is taken."""
        self._append({"event": "step", "id": identifier, "step": step, "data": dict(data)})
        self._steps.setdefault(identifier, []).append((step, dict(data)))

    def finish(self, record: Record) -> None:
        """Write what came of a transaction."""
        self._append({"event": "finish", **asdict(record)})
        self._records[record.id] = record
        self._steps.pop(record.id, None)

    def records(self, limit: int) -> list[Record]:
        """Return the newest records, newest first."""
        return list(reversed(self._records.values()))[:limit]

    def find(self, identifier: str) -> Record | None:
        """Return the record of one transaction."""
        return self._records.get(identifier)

    def unfinished(self) -> list[tuple[Record, list[tuple[str, dict[str, Any]]]]]:
        """Return transactions without an end, with their steps in order."""
        return [
            (record, self._steps.get(record.id, []))
            for record in self._records.values()
            if not record.finished
        ]

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps({"version": _VERSION, **entry}, ensure_ascii=False) + "\n"
        # After half a line, whose end a crash or a full disk has cut off, a new one begins.
        left = ("\n" if self._is_torn else "").encode() + line.encode()
        is_new = not self._file.exists()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        handle = os.open(self._file, flags, 0o600)
        self._is_torn = True
        try:
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        self._is_torn = False
        if is_new:
            _sync_directory(self._file.parent)

    def _load(self) -> None:
        # Not splitlines: texts may hold other characters that it takes for the end of a line.
        *lines, rest = self._file.read_text(errors="replace").split("\n")
        self._is_torn = bool(rest)
        for line in filter(None, (*lines, rest)):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError):
                self.damaged += 1

    def _take(self, entry: dict[str, Any]) -> None:
        match entry["event"]:
            case "begin" | "finish":
                record = _record(entry)
                self._records[record.id] = record
            case "step":
                step = str(entry["step"]), dict(entry["data"])
                self._steps.setdefault(entry["id"], []).append(step)


def _record(entry: dict[str, Any]) -> Record:
    """Return the record that an entry holds. Raises TypeError where a value is of another type."""
    known = {field.name: field.type for field in fields(Record) if field.name in entry}
    for name, kind in known.items():
        expected = {"str": str, "int": int}.get(str(kind), list)
        if not isinstance(entry[name], expected):
            raise TypeError(name)
    record = Record(**{name: entry[name] for name in known})
    changes, inverse, placed = map(tuple, (record.changes, record.inverse, record.placed))
    if not all(isinstance(item, dict) for item in (*changes, *inverse, *placed)):
        raise TypeError("changes")
    return replace(record, changes=changes, inverse=inverse, placed=placed)


def _sync_directory(directory: Path) -> None:
    """Make sure that the name of a new file is on disk too."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
