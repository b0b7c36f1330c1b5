"""Understanding by likeness: what the mind takes a sentence for, as it tells the daemon.

It is a judgement and no permission: what comes of it the daemon decides.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic looks it up
from dataclasses import dataclass
from typing import ClassVar

from luminous_protocol.errors import InvalidText

MAX_SENTENCE = 400
"""Characters. What is longer is a story, and like no example."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be judged. Raises `InvalidText` for what none is."""

    text: str
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Check it, at both ends."""
        if not 0 < len(self.text.strip()) <= len(self.text) <= MAX_SENTENCE:
            raise InvalidText(f"A sentence has 1 to {MAX_SENTENCE} characters.")


@dataclass(frozen=True, slots=True)
class Likeness:
    """An example that a sentence is like: what that asks for, and how like it is (0 to 1)."""

    text: str
    kind: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sentence asks for: an intent's `kind`, or "other" for nothing that can be done.

    `confidence` is a calibrated probability; `second` is the next likely kind. `slots` has the
    slots of each intent of this kind, in order, and is None where what the kind needs was not said.
    `sources` say of a slot's value where it was found; `strange` are words that no example of the
    kind has.
    """

    kind: str
    confidence: float
    second: str = ""
    slots: tuple[Mapping[str, str], ...] | None = None
    sources: Mapping[str, str] | None = None
    strange: tuple[str, ...] = ()
    likenesses: tuple[Likeness, ...] = ()
