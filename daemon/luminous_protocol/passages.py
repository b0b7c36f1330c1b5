"""Passages: what a search is asked for, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic looks it up
from dataclasses import dataclass, field
from typing import ClassVar

from luminous_protocol.errors import InvalidText, InvalidValue

KINDS = ("option", "package", "command", "manual", "note")
MAX_QUERY = 2000
"""Characters. Nobody looks for so much at once."""
MAX_LIMIT = 100
"""So many passages one search finds at most."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for `query` among passages of these kinds; of all, when none is named.

    Raises `InvalidText` or `InvalidValue` for what no search is.
    """

    query: str
    kinds: tuple[str, ...] = ()
    limit: int = 10
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Check it, at both ends."""
        if not self.query.strip():
            raise InvalidText("There is nothing to look for. Say what, in a few words.")
        if len(self.query) > MAX_QUERY:
            raise InvalidText(f"The text is longer than {MAX_QUERY} characters. Say it in fewer.")
        if any(not (char.isprintable() or char in "\n\t") for char in self.query):
            raise InvalidText("The text holds control characters. Type it again.")
        for kind in self.kinds:
            if kind not in KINDS:
                raise InvalidValue(f"There is no kind {kind[:60]!r}. Known: {', '.join(KINDS)}.")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidValue(f"The limit is a number from 1 to {MAX_LIMIT}.")


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing found: an "option", a "package", a "command", a section of a "manual" or a "note".

    `source` is the file that it comes from, with `line` from 1 (0: as a whole); `address` is where
    a person reads on. A higher `score` is a better answer to the same query; `why` says in words
    what matched. `facts` are what else the source says: of an option its `type`, `default` and
    `example`, of a package its `pname`, `version`, `position`, `license`, main `program`, and
    "true" for what is `unfree`, `broken` or `insecure`.
    """

    id: str
    kind: str
    title: str
    text: str
    source: str
    line: int
    address: str
    score: float
    why: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    __pydantic_config__: ClassVar = {"extra": "forbid"}


NAMED_KINDS = ("option", "package")
MAX_NAME = 300
"""Characters. The longest names of options have about half as many."""


@dataclass(frozen=True, slots=True)
class NameRequest:
    """A question about the option or the package of this very name. Raises `InvalidValue`."""

    kind: str
    name: str
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Check it, at both ends."""
        if self.kind not in NAMED_KINDS:
            known = ", ".join(NAMED_KINDS)
            raise InvalidValue(f"There is no kind {self.kind[:60]!r} with names. Known: {known}.")
        if not 1 <= len(self.name) <= MAX_NAME or not self.name.isprintable():
            raise InvalidValue(f"{self.name[:60]!r} is no name.")


@dataclass(frozen=True, slots=True)
class Child:
    """What stands directly below a name; `type` and `text` are empty for a set of options."""

    name: str
    type: str = ""
    text: str = ""
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Named:
    """What there is under a name: a passage, options below it, or neither and what is like it."""

    passage: Passage | None = None
    below: tuple[Child, ...] = ()
    nearest: tuple[str, ...] = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}
