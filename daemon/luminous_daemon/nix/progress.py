"""Reading `--log-format internal-json`: how far a build is, what it prints, what went wrong.

The numbers are those of Nix's `ActivityType` and `ResultType` (libutil/logging.hh); the same number
means different things in a start and in a result.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from luminous_daemon.core.store_names import store_name
from luminous_protocol.transaction import Progress

_PREFIX = "@nix "

_ERROR_LEVEL = 0
_HINT = "(use '--show-trace'"
"""What Nix 2.8 reports after an error, as an error of its own."""
_PROGRESS_FIELDS = 4

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_KEPT_LINES = 25
_KEPT_ERRORS = 100


class _Start(IntEnum):
    COPY_PATHS = 103
    BUILDS = 104
    BUILD = 105


class _Result(IntEnum):
    LOG_LINE = 101
    PHASE = 104
    PROGRESS = 105


@dataclass(frozen=True, slots=True)
class NixError:
    """An error that Nix reported. `place` is `file:line:column` when Nix said one."""

    message: str
    place: str = ""


@dataclass(slots=True)
class LogReader:
    """Feed it lines of standard error; it knows the state of the build."""

    errors: list[NixError] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    _builds: int = -1
    _downloads: int = -1
    _running: dict[int, str] = field(default_factory=dict)
    _logs: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    _phase: str = ""
    _package: str = ""

    def feed(self, line: str) -> str:
        """Take one line; return the line of a builder's log that it carries, or an empty text."""
        if not line.startswith(_PREFIX):
            if line.strip():
                self.other.append(plain(line))
                del self.other[:-_KEPT_LINES]
            return ""
        try:
            return self._take(json.loads(line.removeprefix(_PREFIX)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Another version of Nix may say more, or otherwise; a build does not end for that.
            return ""

    def _take(self, event: dict[str, Any]) -> str:
        match event.get("action"):
            case "start":
                self._start(event)
            case "stop":
                self._running.pop(event.get("id", -1), None)
            case "result":
                return self._result(event)
            case "msg":
                self._message(event)
        return ""

    @property
    def progress(self) -> Progress:
        """How far the build is now."""
        kind = self._builds if self._counts.get(self._builds, (0, 0))[1] else self._downloads
        done, expected = self._counts.get(kind, (0, 0))
        return Progress(
            phase=self._phase or ("downloading" if kind == self._downloads else "building"),
            done=done,
            expected=expected or -1,
            running=len(self._running),
            package=self._package,
        )

    def log_of(self, derivation: str) -> list[str]:
        """Return the last lines that a derivation's builder printed."""
        return self._logs.get(derivation, [])

    def _start(self, event: dict[str, Any]) -> None:
        match event.get("type"):
            case _Start.BUILDS:
                self._builds = event["id"]
            case _Start.COPY_PATHS:
                self._downloads = event["id"]
            case _Start.BUILD:
                derivation = str((event.get("fields") or [""])[0])
                self._running[event["id"]] = derivation
                self._package = store_name(derivation)
                self._phase = ""

    def _result(self, event: dict[str, Any]) -> str:
        fields = event.get("fields") or []
        identifier = event.get("id", -1)
        match event.get("type"):
            case _Result.PROGRESS if len(fields) == _PROGRESS_FIELDS:
                self._counts[identifier] = (int(fields[0]), int(fields[1]))
            case _Result.PHASE if fields:
                self._phase = str(fields[0])
            case _Result.LOG_LINE if fields:
                return self._log_line(identifier, plain(str(fields[0])))
        return ""

    def _log_line(self, identifier: int, line: str) -> str:
        derivation = self._running.get(identifier, "")
        kept = self._logs.setdefault(derivation, [])
        kept.append(line)
        del kept[:-_KEPT_LINES]
        return line

    def _message(self, event: dict[str, Any]) -> None:
        if event.get("level") != _ERROR_LEVEL:
            return
        message = plain(str(event.get("raw_msg") or event.get("msg") or "")).strip()
        if not message.startswith(_HINT):
            self.errors.append(NixError(message, _place(event)))
            del self.errors[:-_KEPT_ERRORS]


def _place(event: dict[str, Any]) -> str:
    file, line, column = (event.get(key) for key in ("file", "line", "column"))
    if not file or line is None:
        return ""
    text = str(file)
    return text if re.search(r":\d+:\d+$", text) else f"{text}:{line}:{column}"


def plain(text: str) -> str:
    """Return `text` without colours and control characters."""
    bare = _COLOURS.sub("", text)
    return "".join(char if char.isprintable() or char in "\n\t" else "�" for char in bare)
