"""The journal: every transaction and its steps, one JSON object a line, synced before each step.

A file to which lines are added, and no SQLite: there is one writer, an entry is never changed, and
all that is ever read is the whole of it, once, at the start. A line is then as safe as a row: each
carries a checksum, so half a line and a line with a flipped bit are told from a whole one, and one
bad line costs no other. It needs no library in root's process, no second file beside it that must
be there too, and a person can read it when nothing else works any more.

Version 1 had no checksums; such lines are still read. Damaged lines are left out, never trusted:
the file is copied beside itself as it was, and written anew without them.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, fields, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.records import DAMAGED_STEP, Record
from luminous_daemon.durable import append_lines, sync_directory, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_VERSION = 2
_FIRST_WITH_CHECKSUMS = 2
_DIGEST_BYTES = 8
_LARGEST_BYTES = 4 * 1024 * 1024
"""From this size on, the file is written anew at the start, without what nobody needs."""
_KEPT_RECORDS = 1000
_KEPT_COPIES = 3
_COPY = ".damaged-"
_NEW = ".new"


class DiskJournal:
    """A journal in one file."""

    def __init__(self, file: Path, largest: int = _LARGEST_BYTES) -> None:
        """Read what `file` holds; it is created with the first entry.

        `tidy` keeps it below `largest` bytes, more or less.
        """
        self._file = file
        self._largest = largest
        self._records: dict[str, Record] = {}
        self._steps: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self._owed: dict[str, Record] = {}
        self.damaged = 0
        self._copy = next(reversed(self._copies()), None)
        if file.exists():
            self._load()

    def begin(self, record: Record) -> None:
        """Write that a transaction begins."""
        self._pay()
        self._append({"event": "begin", **asdict(record)})
        self._records[record.id] = record

    def step(self, identifier: str, step: str, data: Mapping[str, Any]) -> None:
        """Write a step before it is taken."""
        self._pay()
        self._append({"event": "step", "id": identifier, "step": step, "data": dict(data)})
        self._steps.setdefault(identifier, []).append((step, dict(data)))

    def finish(self, record: Record) -> None:
        """Write what came of a transaction.

        Where the disk is full the result is remembered, and written before anything else is: else
        the next daemon would take an old transaction for one that was cut short just now.
        """
        self._records[record.id] = record
        self._owed[record.id] = record
        self._pay()
        self._steps.pop(record.id, None)

    def records(self, limit: int) -> list[Record]:
        """Return the newest records, newest first."""
        return list(reversed(self._records.values()))[:limit]

    def find(self, identifier: str) -> Record | None:
        """Return the record of one transaction."""
        return self._records.get(identifier)

    def unfinished(self) -> list[tuple[Record, list[tuple[str, dict[str, Any]]]]]:
        """Return transactions without an end, with their steps in order.

        Of several only the newest can have been cut short, as there is one at a time. The end of
        the others is damaged, and their steps have been followed by others': none is given.
        """
        found = [record for record in self._records.values() if not record.finished]
        newest = next(reversed(self._records), "")
        lost = [(DAMAGED_STEP, dict[str, Any]())]
        return [
            (record, self._steps.get(record.id, []) if record.id == newest else lost)
            for record in found
        ]

    def problem(self) -> str:
        """Return the sentence about damage that people should look at, or nothing."""
        if self._copy and self._copy.exists():
            return (
                "Parts of the journal were damaged and are left out. The file as it was is "
                f"{self._copy}; look at the disk, and delete the copy when it is settled."
            )
        if self.damaged:
            return f"Parts of the journal {self._file} are damaged and are left out."
        return ""

    def tidy(self) -> None:
        """Set a damaged file aside, and write the journal anew where it is damaged or too large.

        Whatever happens, the file is the old one or the new one. Raises OSError.
        """
        self._new_file.unlink(missing_ok=True)
        if self.damaged:
            self._set_aside()
        elif not self._file.exists() or self._file.stat().st_size <= self._largest:
            return
        self._write_anew(self._whole_entries())
        self.damaged = 0

    @property
    def _new_file(self) -> Path:
        return self._file.with_name(self._file.name + _NEW)

    def _copies(self) -> list[Path]:
        """Return the damaged files that were set aside, the oldest first."""
        found = self._file.parent.glob(f"{self._file.name}{_COPY}*")
        numbered = [(path.name.rpartition("-")[2], path) for path in found]
        known = [(int(number), path) for number, path in numbered if number.isdecimal()]
        return [path for _, path in sorted(known)]

    def _set_aside(self) -> None:
        copies = self._copies()
        number = int(copies[-1].name.rpartition("-")[2]) + 1 if copies else 1
        copy = self._file.with_name(f"{self._file.name}{_COPY}{number}")
        write_file(self._new_file, self._file.read_bytes())
        self._new_file.rename(copy)
        self._copy = copy
        for old in copies[: 1 - _KEPT_COPIES]:
            old.unlink(missing_ok=True)

    def _whole_entries(self) -> Iterator[dict[str, Any]]:
        """Give the entries that say all that history, undo and recovery need."""
        records = list(self._records.values())
        size = 0
        kept: list[tuple[Record, dict[str, Any]]] = []
        for record in reversed(records[-_KEPT_RECORDS:]):
            entry = {"event": "finish" if record.finished else "begin", **asdict(record)}
            size += len(_line(entry))
            if size > self._largest // 2 and kept:
                break
            kept.append((record, entry))
        for record, entry in reversed(kept):
            yield entry
            for step, data in self._steps.get(record.id, []):
                yield {"event": "step", "id": record.id, "step": step, "data": data}

    def _write_anew(self, entries: Iterable[dict[str, Any]]) -> None:
        write_file(self._new_file, b"".join(_line(entry) for entry in entries))
        self._new_file.rename(self._file)
        sync_directory(self._file.parent)

    def _pay(self) -> None:
        """Write the results that are not on disk yet."""
        for identifier, record in list(self._owed.items()):
            self._append({"event": "finish", **asdict(record)})
            del self._owed[identifier]

    def _append(self, entry: dict[str, Any]) -> None:
        append_lines(self._file, _line(entry))

    def _load(self) -> None:
        *lines, rest = self._file.read_bytes().split(b"\n")
        for line in filter(None, lines):
            try:
                self._take(_checked(line))
            except (ValueError, KeyError, TypeError, RecursionError):
                self.damaged += 1
                self._doubt()
        if rest:
            self._finish_line(rest)

    def _finish_line(self, rest: bytes) -> None:
        """Take the last line, whose end is missing: whole, or of an entry that never was."""
        try:
            self._take(_checked(rest))
        except (ValueError, KeyError, TypeError, RecursionError):
            with contextlib.suppress(OSError):  # then it is damage, once something follows it
                os.truncate(self._file, self._file.stat().st_size - len(rest))

    def _doubt(self) -> None:
        """Note that what the transaction did that is going on here is not all known."""
        newest = next(reversed(self._records), "")
        if newest and not self._records[newest].finished:
            self._steps.setdefault(newest, []).append((DAMAGED_STEP, {}))

    def _take(self, entry: dict[str, Any]) -> None:
        match entry["event"]:
            case "begin" | "finish":
                record = _record(entry)
                self._records[record.id] = record
                if record.finished:
                    self._steps.pop(record.id, None)
            case "step":
                step = str(entry["step"]), dict(entry["data"])
                identifier = _text_of(entry["id"])
                if identifier not in self._records:
                    self._records[identifier] = _beginning_lost(identifier)
                    self._steps[identifier] = [(DAMAGED_STEP, {})]
                self._steps.setdefault(identifier, []).append(step)
            case _:
                raise ValueError(entry["event"])


def _line(entry: Mapping[str, Any]) -> bytes:
    """Return an entry as it stands in the file."""
    whole = {"version": _VERSION, **entry}
    return _text({**whole, "checksum": _checksum(whole)}) + b"\n"


def _text(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode()


def _checksum(entry: Mapping[str, Any]) -> str:
    return blake2b(_text(entry), digest_size=_DIGEST_BYTES).hexdigest()


def _checked(line: bytes) -> dict[str, Any]:
    """Return the entry that a line holds. Raises ValueError, KeyError or TypeError for no such."""
    entry = json.loads(line.decode())
    if not isinstance(entry, dict):
        raise TypeError(entry)
    checksum = entry.pop("checksum", None)
    needs_one = entry["version"] >= _FIRST_WITH_CHECKSUMS
    if (needs_one or checksum is not None) and checksum != _checksum(entry):
        raise ValueError(checksum)
    return entry


def _beginning_lost(identifier: str) -> Record:
    """Return the record of a transaction of which only steps can be read."""
    summary = "a change whose beginning is damaged in the journal"
    return Record(identifier, summary, words="", uid=0, user="", started=0, changes=())


def _text_of(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _record(entry: dict[str, Any]) -> Record:
    """Return the record that an entry holds. Raises TypeError where a value is of another type."""
    known = {field.name: field.type for field in fields(Record) if field.name in entry}
    for name, kind in known.items():
        expected = {"str": str, "int": int, "bool": bool}.get(str(kind), list)
        if not isinstance(entry[name], expected):
            raise TypeError(name)
    record = Record(**{name: entry[name] for name in known})
    changes, inverse, placed = map(tuple, (record.changes, record.inverse, record.placed))
    if not all(isinstance(item, dict) for item in (*changes, *inverse, *placed)):
        raise TypeError("changes")
    return replace(record, changes=changes, inverse=inverse, placed=placed)
