"""Patches: unified diffs that people read and that `patch` takes."""

from __future__ import annotations

import difflib
import re


def lines_of(text: str) -> list[str]:
    """Return the lines of `text` with their ends: line feeds only, unlike `str.splitlines`.

    Values can hold the other characters that Python takes for the end of a line.
    """
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def patch_of(file: str, before: str | None, after: str, context: int) -> str:
    """Return the unified diff of `file`, with so many lines of context.

    `before` is None where there is no such file yet.
    """
    lines = difflib.unified_diff(
        lines_of(before or ""),
        lines_of(after),
        fromfile="/dev/null" if before is None else file,
        tofile=file,
        n=context,
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
