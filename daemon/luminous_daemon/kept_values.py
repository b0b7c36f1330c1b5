"""Values of options kept on disk: one file for each system that Luminous made a generation of.

They are for comparing systems, which can be had again from no built one. A file has a version and a
checksum; one that is damaged is set aside and never trusted.
"""

from __future__ import annotations

import contextlib
import json
import logging
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_daemon.durable import write_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_VERSION = 1
_DAMAGED = ".damaged"
_log = logging.getLogger(__name__)


class _Damaged(ValueError):
    """A file that does not hold what its checksum says, or nothing that this version wrote."""


class KeptValues:
    """Files in one directory, called after the systems' store paths."""

    def __init__(self, directory: Path) -> None:
        """Keep values in `directory`, which is made with the first file."""
        self._directory = directory

    def of(self, toplevel: str) -> Mapping[str, str] | None:
        """Return what is kept for a system; None where that is nothing, or damaged."""
        file = self._file(toplevel)
        try:
            return _read(file.read_bytes(), toplevel)
        except FileNotFoundError:
            return None
        except _Damaged as error:
            _log.warning("%s is damaged (%s); it was set aside", file, error)
            with contextlib.suppress(OSError):
                file.replace(file.with_name(file.name + _DAMAGED))
        except OSError as error:
            _log.warning("%s cannot be read: %s", file, error)
        return None

    def keep(self, toplevel: str, values: Mapping[str, str]) -> None:
        """Keep the values of a system. What cannot be written is only missing later."""
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            _write(self._file(toplevel), _content(toplevel, values))
        except OSError as error:
            _log.warning("the values of options of %s are not kept: %s", toplevel, error)

    def retain(self, toplevels: Collection[str]) -> None:
        """Remove what belongs to none of these systems, damaged files and leftovers among it."""
        wanted = {self._file(toplevel).name for toplevel in toplevels}
        with contextlib.suppress(OSError):
            for file in self._directory.iterdir():
                if file.name not in wanted:
                    file.unlink(missing_ok=True)

    def _file(self, toplevel: str) -> Path:
        return self._directory / f"{Path(toplevel).name}.json"


def _content(toplevel: str, values: Mapping[str, str]) -> bytes:
    held = json.dumps({"toplevel": toplevel, "values": dict(values)}, sort_keys=True)
    checksum = sha256(held.encode()).hexdigest()
    return json.dumps({"version": _VERSION, "checksum": checksum, "held": held}).encode()


def _read(content: bytes, toplevel: str) -> dict[str, str]:
    """Return the values that a file holds. Raises `_Damaged`."""
    try:
        whole: Any = json.loads(content)
        held, checksum, version = whole["held"], whole["checksum"], whole["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Damaged("it cannot be parsed") from None
    if version != _VERSION:
        raise _Damaged(f"its version is {version!r}")
    if not isinstance(held, str) or sha256(held.encode()).hexdigest() != checksum:
        raise _Damaged("its checksum is another")
    found = json.loads(held)
    if found["toplevel"] != toplevel:
        raise _Damaged("it belongs to another system")
    values: dict[str, str] = found["values"]
    return values


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, and on disk."""
    unfinished = file.with_name(f"{file.name}.new")
    try:
        write_file(unfinished, content)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
