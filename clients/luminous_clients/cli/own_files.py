"""Own files: a person's configuration, read with the rights of that person.

Which file is read is said by a message that anybody may have written, so it is a Nix file, a
regular one and not a long one, or none.
"""

from __future__ import annotations

import itertools
import os
import stat
from typing import TYPE_CHECKING

from luminous_protocol.diagnosis.tokens import MAX_SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_FILES = 200
_DEEPEST = 6
_MOST_NAMES = 2000


class OwnFiles:
    """The Nix files of a configuration."""

    def __init__(self, directory: str) -> None:
        """Look for files in `directory`; those that are named may lie elsewhere."""
        self._directory = directory
        self._texts: dict[str, str | None] = {}

    def read(self, file: str) -> str | None:
        """Return the text of a file; None for one that cannot be read, or is none to be read."""
        if file not in self._texts:
            self._texts[file] = _text_of(file)
        return self._texts[file]

    def files(self) -> Iterator[str]:
        """Yield the Nix files of the configuration, so many at most."""
        count = 0
        base = self._directory.rstrip("/").count("/")
        for folder, folders, names in os.walk(self._directory):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if folder.count("/") - base >= _DEEPEST:
                folders.clear()
            for name in sorted(names):
                if name.endswith(".nix"):
                    count += 1
                    yield f"{folder}/{name}"
                if count >= _MOST_FILES:
                    return

    def names(self, directory: str) -> frozenset[str] | None:
        """Return what lies in a directory, so much at most; None where it cannot be read."""
        try:
            with os.scandir(directory) as found:
                return frozenset(entry.name for entry in itertools.islice(found, _MOST_NAMES))
        except (OSError, ValueError):
            return None


def _text_of(file: str) -> str | None:
    if not file.startswith("/") or not file.endswith(".nix"):
        return None
    try:
        # What is no file is not waited for: somebody may have put a pipe there.
        opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        about = os.fstat(opened)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_SOURCE:
            return None
        return os.read(opened, MAX_SOURCE).decode()
    except (OSError, UnicodeDecodeError):
        return None
    finally:
        os.close(opened)
