"""Indexing: how far the job is that makes what can be searched, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from luminous_protocol.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOUNS = {"manual": "section"}
MAX_NAME = 4096
"""Characters of a source's name, which is that of a file at most."""


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """Index `source`, as the settings name it; all of them, when none is named.

    Raises `InvalidValue` for what no name is.
    """

    source: str = ""
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Check it, at both ends."""
        if len(self.source) > MAX_NAME or not self.source.isprintable():
            raise InvalidValue("A source is named as the settings of luminous-mind name it.")


@dataclass(frozen=True, slots=True)
class IndexStep:
    """What is being done, and how much of it. `total` is -1 while nobody knows."""

    phase: str
    done: int = 0
    total: int = -1
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What came of it: documents by kind, and by source the reason why it could not be read.

    Of a source that is only wrong in places the rest is indexed. Without `is_new` everything was
    as it had been before.
    """

    documents: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    is_new: bool = True
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def sentence(self) -> str:
        """Say it to people, but for the reasons."""
        if not self.is_new:
            return "Every source is as it was: there is nothing to index."
        told = [_counted(number, _NOUNS.get(kind, kind)) for kind, number in self.documents.items()]
        left = f" {_counted(len(self.failures), 'source')} could not be read whole."
        return f"Indexed: {_joined(told) or 'nothing'}.{left if self.failures else ''}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def _joined(parts: Iterable[str]) -> str:
    *before, last = [*parts] or [""]
    return f"{', '.join(before)} and {last}" if before else last
