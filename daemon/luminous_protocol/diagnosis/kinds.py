"""Kinds: what messages there are, read from the tables of the package."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER = Path(__file__).parent / "data"
_TABLES = (
    "syntax",
    "modules",
    "packages",
    "flakes",
    "language",
    "builds",
    "store",
    "network",
    "system",
)
_SLOT = re.compile(r"\{(\w+)\}")
_LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: how it is recognised, and what is said of it.

    A sentence takes names that the pattern has found in braces. `is_anywhere`: it is looked for in
    all that was printed, and not in errors alone. A kind of a higher `rank` counts only where none
    of a lower one is found. `is_placed`: it is about a place in a file. `wanted` is which name may
    be misspelt, and `meant` what it would be the name of: an option or a package. `repair` is the
    name of what makes changes of it.
    """

    name: str
    patterns: tuple[re.Pattern[str], ...]
    summary: str
    cause: str
    advice: tuple[str, ...]
    defaults: Mapping[str, str]
    is_anywhere: bool = False
    is_placed: bool = True
    rank: int = 0
    confidence: float = 0.95
    repair: str = ""
    meant: str = ""
    wanted: str = ""

    def find(self, text: str) -> re.Match[str] | None:
        """Return where a text says so."""
        for pattern in self.patterns:
            if found := pattern.search(text):
                return found
        return None

    def names_in(self, found: re.Match[str]) -> dict[str, str]:
        """Return the names that were found, and what stands for those that were not."""
        named = {
            key: " ".join(value.split())[:_LONGEST_NAME]
            for key, value in found.groupdict().items()
            if value
        }
        return {**self.defaults, **named}


def filled(sentence: str, names: Mapping[str, str]) -> str:
    """Put names into a sentence; what has a name that is not known is left out as a whole."""
    if any(slot not in names for slot in _SLOT.findall(sentence)):
        return ""
    return _SLOT.sub(lambda slot: names[slot[1]], sentence)


@cache
def kinds() -> tuple[Kind, ...]:
    """Return all kinds, those first that count most."""
    found = [_read(data) for name in _TABLES for data in _table(name)]
    return tuple(sorted(found, key=lambda kind: kind.rank))


def _table(name: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = tomllib.loads((_FOLDER / f"{name}.toml").read_text())["kind"]
    return read


def _read(data: dict[str, Any]) -> Kind:
    return Kind(
        name=data["name"],
        patterns=tuple(re.compile(pattern, re.MULTILINE) for pattern in data["patterns"]),
        summary=data["summary"],
        cause=data["cause"],
        advice=tuple(data["advice"]),
        defaults=data.get("defaults", {}),
        is_anywhere=data.get("in") == "any",
        is_placed=data.get("place") != "none",
        rank=data.get("rank", 0),
        confidence=data.get("confidence", 0.95),
        repair=data.get("repair", ""),
        meant=data.get("meant", ""),
        wanted=data.get("wanted", ""),
    )


def kind_named(name: str) -> Kind | None:
    """Return the kind of this name."""
    return next((kind for kind in kinds() if kind.name == name), None)
