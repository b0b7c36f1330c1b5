"""Renames: options that have another name now, as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_mind.ingest.sources.reading import Rename, made_of, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item


def read(file: Path) -> Iterator[Item]:
    """Read JSON lines: `old, new`."""
    return made_of(records_in(file), _rename)


def _rename(record: dict[str, Any]) -> Rename:
    old, new = record["old"], record["new"]
    if not isinstance(old, str) or not isinstance(new, str):
        raise TypeError(old)
    return Rename(old, new)
