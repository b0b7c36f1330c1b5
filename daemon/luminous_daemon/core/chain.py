"""The chain: lines of canonical JSON, each with the hash of the one before it; and its check."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
BEFORE_THE_FIRST = "0" * 64
LONGEST_LINE = 128 * 1024
"""Bytes: nobody writes longer entries, so nothing longer is read as one."""

_HEAD: Mapping[str, type] = {
    "version": int,
    "sequence": int,
    "time": int,
    "previous": str,
    "event": str,
}


@dataclass(frozen=True, slots=True)
class Link:
    """What the next entry joins on to: number and hash of the newest."""

    sequence: int = 0
    digest: str = BEFORE_THE_FIRST


def join(link: Link, entry: Mapping[str, Any], now: int) -> tuple[bytes, Link]:
    """Return the line of the entry after `link`, without its end, and the link that it makes."""
    head = {"version": VERSION, "sequence": link.sequence + 1, "time": now, "previous": link.digest}
    line = _canonical({**entry, **head})
    return line, Link(link.sequence + 1, digest_of(line))


def repair(remains: bytes, *, is_cut_off: bool) -> dict[str, Any]:
    """Return the entry that says of the bytes before it that they are none.

    `is_cut_off` says that they never were: a crash or a full disk has cut off what was written.
    """
    remains = remains.removesuffix(b"\n")
    return {
        "event": "repaired",
        "bytes": len(remains),
        "sha256": digest_of(remains),
        "cut_off": is_cut_off,
    }


def digest_of(line: bytes) -> str:
    """Return the hash of a line without its end."""
    return sha256(line).hexdigest()


def read_line(line: bytes) -> dict[str, Any] | None:
    """Return the entry that a line is; None for what no version of this program has written."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or _canonical(entry) != line:
        return None
    return entry if all(type(entry.get(key)) is kind for key, kind in _HEAD.items()) else None


@dataclass(slots=True)
class Walk:
    """A walk along the chain from its beginning; `problem` is the first thing that is wrong.

    `since` is the time of the first entry, `link` the newest one so far. `repaired` counts lines
    that a crash or a full disk cut off, which an entry after them says.
    """

    link: Link = Link()
    since: int = 0
    repaired: int = 0
    problem: str = ""
    _remains: list[bytes] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Check the next line, without its end."""
        if self.problem:
            return
        entry = read_line(line)
        if entry is None:
            self._remains.append(line)
            return
        self.problem = self._gap_before(entry) or self._wrong_with(entry)
        if not self.problem:
            self.since = self.since or entry["time"]
            self.link = Link(entry["sequence"], digest_of(line))

    def end(self) -> None:
        """Say that there are no more lines."""
        if self._remains and not self.problem:
            self.problem = f"What follows entry {self.link.sequence} is damaged."

    def _gap_before(self, entry: Mapping[str, Any]) -> str:
        """Return what is wrong with the lines before `entry` that are none."""
        if not self._remains:
            return ""
        said = repair(b"\n".join(self._remains), is_cut_off=True)
        self._remains.clear()
        if {key: entry.get(key) for key in said} != said:
            return f"What follows entry {self.link.sequence} is damaged."
        self.repaired += 1
        return ""

    def _wrong_with(self, entry: Mapping[str, Any]) -> str:
        wanted, found = self.link.sequence + 1, entry["sequence"]
        if entry["version"] != VERSION:
            return f"Entry {found} is of version {entry['version']}, which is not known here."
        if found > wanted:
            missing = (
                f"Entry {wanted} is"
                if found == wanted + 1
                else f"Entries {wanted} to {found - 1} are"
            )
            return f"{missing} missing."
        if found < wanted:
            return f"Entry {found} stands again after entry {self.link.sequence}."
        if entry["previous"] != self.link.digest:
            changed = (
                f"Entry {self.link.sequence} was changed, or entry"
                if self.link.sequence
                else "Entry"
            )
            return f"{changed} {found} was put in another's place."
        return ""


def _canonical(entry: Mapping[str, Any]) -> bytes:
    """Return the one form in which an entry is written and hashed."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode("ascii")
