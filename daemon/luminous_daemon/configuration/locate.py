"""Finding the line where a configuration file speaks of something."""

from __future__ import annotations

import os
import re

_STORE = "/nix/store/"
_MAX_BYTES = 1024 * 1024


def locate(file: str, word: str) -> str:
    """Return `file` with the number of its first line that holds `word`, outside of comments.

    NixOS's own modules lie in the store; for them the answer is "NixOS itself". Without such a
    line, or without the right to read the file, the answer is the file alone.
    """
    if file.startswith(_STORE):
        return "NixOS itself"
    pattern = re.compile(rf"(?<![\w.-])(?:pkgs\.)?{re.escape(word)}(?![\w-])")
    try:
        with open(file, encoding="utf-8", errors="replace", opener=_without_waiting) as opened:
            lines = opened.read(_MAX_BYTES).splitlines()
    except OSError:
        return file
    for number, line in enumerate(lines, start=1):
        if pattern.search(line.split("#", 1)[0]):
            return f"{file}:{number}"
    last = word.rsplit(".", 1)[-1]
    return locate(file, last) if last != word else file


def _without_waiting(file: str, flags: int) -> int:
    """Open a file; a pipe in its place would have nothing to read until somebody writes."""
    return os.open(file, flags | os.O_NONBLOCK)
