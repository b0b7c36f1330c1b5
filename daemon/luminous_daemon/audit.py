"""The audit record: who asked for what, who decided, what came of it. Only ever added to.

`audit.jsonl` in the state directory, readable by root alone. One entry is one line of JSON in
canonical form: keys in order, no space between tokens, everything outside ASCII escaped. Each has

    version    1
    sequence   1, 2, 3 …
    time       in seconds since the epoch
    previous   the SHA-256 of the line before, without its end, in hexadecimal; of the first, zeros
    event      asked · decided · ended · managed · recovered · repaired

and, of a transaction, `transaction` (its id), `plan` (the digest of what was approved), `uid` and
`user`. Then follow, by event:

    asked      program pid words changes summary risk action mode
    decided    by (polkit, or root, who is not asked) action asked_person
               decision (allowed, denied, dismissed, no-agent, error, cancelled)
    managed    deed (cancel, confirm) of somebody else's transaction: owner owner_user, by action
               decision; uid and user are those of whoever interferes
    ended      state error message generation toplevel; late where it was recorded afterwards
    recovered  the same, for a transaction that a daemon's end cut short
    repaired   bytes, sha256 and cut_off of what stands before this line and is no entry

An entry is on disk before what it speaks of is done; an end that cannot be written is written
with the next entry. Secrets are taken out before (`core/redaction.py`). A last line that a crash or
a full disk has cut off stays, and a `repaired` line after it says so. The file is never rotated.

That an entry was changed, or is missing, shows in the one after it. That the newest are missing
cannot be seen in the file alone: so the end of each transaction is logged to the system journal
with number and hash of its entry (`LUMINOUS_AUDIT=`), against which `VerifyAudit` can be held.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.auditing import Verification
from luminous_daemon.core.chain import (
    LONGEST_LINE,
    Link,
    Walk,
    digest_of,
    join,
    read_line,
    repair,
)
from luminous_daemon.durable import HalfWrittenError, append_lines
from luminous_protocol.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    Entry = Mapping[str, Any]

_log = logging.getLogger(__name__)

_TAIL = 1024 * 1024
"""Bytes: so much of the end is read at the start of the daemon."""
_BLOCK = 64 * 1024
_MOST_ANSWERED = 4 * 1024 * 1024
"""Bytes of lines that one answer holds."""


class DiskAudit:
    """The record in one file."""

    def __init__(self, file: Path, clock: Callable[[], float]) -> None:
        """Read the end of what `file` holds; it is created with the first entry."""
        self._file = file
        self._clock = clock
        self._link = Link()
        self._remains = b""
        self._is_cut_off = True
        self._unended: dict[str, Entry] = {}
        self._pending: list[Entry] = []
        try:
            self._load()
        except OSError as error:
            _log.error("the audit record cannot be read: %s", error)

    def record(self, entry: Entry) -> None:
        """Write an entry. Raises `StorageFailed` when that is not possible."""
        try:
            self._append([*self._pending, entry])
        except OSError as error:
            _log.error("the audit record cannot be written: %s", error, extra=_fields(entry))
            reason = error.strerror or str(error)
            raise StorageFailed(
                f"It cannot be recorded who asked for this ({reason}: {self._file}), so it is not "
                "done. Nothing was changed."
            ) from None
        self._pending.clear()

    def record_late(self, entry: Entry) -> None:
        """Write an entry now, or else with the next one."""
        try:
            self.record(entry)
        except StorageFailed:
            self._pending.append({**entry, "late": True})

    def unended(self) -> list[Entry]:
        """Return what was asked for, of what has no end yet."""
        return list(self._unended.values())

    async def entries(self, limit: int, uid: int | None) -> list[Entry]:
        """Return the newest entries, newest first: all, or those that are about one user."""
        kept: deque[tuple[Entry, int]] = deque()
        size = 0
        async for line in self._lines():
            entry = read_line(line)
            if entry is None or (uid is not None and uid not in _people(entry)):
                continue
            kept.append((entry, len(line)))
            size += len(line)
            while kept and (len(kept) > limit or size > _MOST_ANSWERED):
                size -= kept.popleft()[1]
        return [entry for entry, _ in reversed(kept)]

    async def verify(self) -> Verification:
        """Walk the whole chain."""
        walk = Walk()
        async for line in self._lines():
            walk.take(line)
        walk.end()
        if not walk.problem and walk.link != self._link:
            walk.problem = (
                f"Entry {self._link.sequence} was the newest, and the file ends with entry "
                f"{walk.link.sequence}."
            )
        link = walk.link
        return Verification(link.sequence, walk.since, link.digest, walk.repaired, walk.problem)

    async def _lines(self) -> AsyncIterator[bytes]:
        """Give the lines, without their ends; others have their turn after each block."""
        if not self._file.exists():
            return
        opened = self._file.open("rb")
        with opened:
            while line := opened.readline(LONGEST_LINE + 1):
                yield line.removesuffix(b"\n")
                if opened.tell() % _BLOCK < len(line):
                    await asyncio.sleep(0)

    def _append(self, entries: Sequence[Entry]) -> None:
        """Write entries and sync them; what is half written is taken away again, or told of."""
        told = [repair(self._remains, is_cut_off=self._is_cut_off)] if self._remains else []
        lines, links = self._joined([*told, *entries])
        try:
            append_lines(self._file, lines, os.O_NOFOLLOW)
        except HalfWrittenError as error:
            self._remains += error.remains
            raise
        self._remains, self._is_cut_off, self._link = b"", True, links[-1]
        for entry, link in zip([*told, *entries], links, strict=True):
            self._note(entry)
            _tell(entry, link)

    def _joined(self, entries: Sequence[Entry]) -> tuple[bytes, list[Link]]:
        """Return the lines of `entries`, and the links that they make."""
        lines, link, links = b"", self._link, []
        for entry in entries:
            line, link = join(link, entry, int(self._clock()))
            lines += line + b"\n"
            links.append(link)
        return lines, links

    def _load(self) -> None:
        """Find the newest entry, what follows it and is none, and what has no end yet."""
        if not self._file.exists():
            return
        with self._file.open("rb") as opened:
            start = opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL))
            tail = opened.read()
        lines = (tail.partition(b"\n")[2] if start else tail).split(b"\n")
        newest = next((at for at in reversed(range(len(lines))) if read_line(lines[at])), -1)
        for line in lines[: newest + 1]:
            if entry := read_line(line):
                self._link = Link(entry["sequence"], digest_of(line))
                self._note(entry)
        self._remains = b"\n".join(lines[newest + 1 :])
        self._is_cut_off = not self._remains.endswith(b"\n")
        if self._remains:
            _log.warning("%d bytes at the end of the audit record are no entry", len(self._remains))
            self._append([])

    def _note(self, entry: Entry) -> None:
        """Keep in mind which transactions have no end yet."""
        identifier = str(entry.get("transaction", ""))
        if entry["event"] == "asked":
            self._unended[identifier] = entry
        elif entry["event"] in {"ended", "recovered"}:
            self._unended.pop(identifier, None)


def _tell(entry: Entry, link: Link) -> None:
    """Log an entry; the number and the hash of it are what the record can be held against."""
    anchor = f"{link.sequence} {link.digest}"
    extra = {**_fields(entry), "LUMINOUS_AUDIT": anchor}
    _log.info("%s [audit record %s]", _sentence(entry), anchor, extra=extra)


def _fields(entry: Entry) -> dict[str, str]:
    """Return what the system journal keeps beside the text, to be searched for."""
    named = {"transaction": "TRANSACTION", "plan": "PLAN", "uid": "CALLER_UID", "event": "EVENT"}
    return {f"LUMINOUS_{name}": str(entry[key]) for key, name in named.items() if entry.get(key)}


def _sentence(entry: Entry) -> str:
    who, what = entry.get("user", ""), f"transaction {entry.get('transaction', '')}"
    match entry["event"]:
        case "asked":
            return f"{what}: {who} asks to {entry['summary']}"
        case "decided":
            return f"{what}: {entry['action']} is {entry['decision']} for {who}"
        case "managed":
            return f"{what}: {who} wants to {entry['deed']} it, which is {entry['decision']}"
        case "repaired":
            return f"{entry['bytes']} bytes of the audit record are no entry"
        case event:
            state = entry["state"] + (f" ({entry['error']})" if entry["error"] else "")
            return f"{what} has {event}: {state}: {entry['message']}"


def _people(entry: Entry) -> set[object]:
    """Return the users that an entry is about, by number."""
    return {entry.get("uid"), entry.get("owner")}
