"""The tally: what was injected and what of it was survived, over all processes of a run."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

FOLDER: Final = Path(__file__).parents[2] / "build" / "faults"


@contextlib.contextmanager
def injected(group: str, what: str) -> Iterator[None]:
    """Count one injection; it is survived when the block ends well."""
    _note(group, what, "injected")
    yield
    _note(group, what, "survived")


def pytest_configure(config: pytest.Config) -> None:
    """Begin a new tally; the workers of a run only add to it."""
    if not hasattr(config, "workerinput"):
        clear()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the table, whose line of JSON is the last of all."""
    if not hasattr(config, "workerinput"):
        sys.stdout.write(f"{text}\n" if (text := report()) else "")


def clear() -> None:
    """Forget what earlier runs noted."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.glob("*.jsonl"):
        file.unlink()


def report() -> str:
    """Return the table and the line of JSON, or nothing where nothing was injected."""
    counts = _counts()
    if not counts:
        return ""
    groups = {
        group: {"injected": found["injected"], "survived": found["survived"]}
        for group, found in sorted(counts.items())
    }
    total = {key: sum(found[key] for found in groups.values()) for key in ("injected", "survived")}
    width = max(map(len, groups)) + 2
    rows = [
        f"{name:<{width}}{found['injected']:>9}{found['survived']:>9}"
        for name, found in [*groups.items(), ("together", total)]
    ]
    title = f"{'fault':<{width}}{'injected':>9}{'survived':>9}"
    return "\n".join(["", title, *rows, json.dumps({**total, "per_group": groups})])


def _counts() -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            group, _, outcome = json.loads(line)
            counts.setdefault(group, Counter())[outcome] += 1
    return counts


def _note(group: str, what: str, outcome: str) -> None:
    with (FOLDER / f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps([group, what, outcome]) + "\n")
