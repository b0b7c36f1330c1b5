"""Reports: what was found out about a message, and how that travels as plain data."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic looks it up
from dataclasses import dataclass, field
from typing import Any, ClassVar

UNKNOWN = "unknown"
"""The kind of a message that no rule knows: it is shortened, and not explained."""

_LONGEST = 2000
_MOST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mistake is. `line` and `column` count from 1, the column in bytes; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Write it as Nix does: `file:line:column`."""
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a message means.

    `summary` says what is wrong in a sentence, `cause` why Nix thinks so, `advice` what to do. All
    of them are for reading, `excerpt` too, which are the lines of the message that matter. `names`
    are what the message names (`option`, `package`, `variable`, …), `suggestions` the names that
    may have been meant, the best first. `repairs` are changes for one plan that mends it, or none.
    `confidence` is between 0 and 1.
    """

    kind: str
    summary: str
    place: Place | None = None
    excerpt: tuple[str, ...] = ()
    cause: str = ""
    advice: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()
    confidence: float = 0.0
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    @property
    def is_known(self) -> bool:
        """Tell whether it is explained, and not only shortened."""
        return self.kind != UNKNOWN


def to_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as plain data, as it stands on the bus and in JSON."""
    place = diagnosis.place
    located = {"file": place.file, "line": place.line, "column": place.column} if place else {}
    return {
        "kind": diagnosis.kind,
        "summary": diagnosis.summary,
        "place": located,
        "excerpt": list(diagnosis.excerpt),
        "cause": diagnosis.cause,
        "advice": list(diagnosis.advice),
        "names": dict(diagnosis.names),
        "suggestions": list(diagnosis.suggestions),
        "repairs": [dict(change) for change in diagnosis.repairs],
        "confidence": diagnosis.confidence,
    }


def from_dict(data: Mapping[str, Any]) -> Diagnosis:
    """Read plain data that `to_dict` has made; what is missing is empty."""
    located = data.get("place") or {}
    return Diagnosis(
        kind=str(data.get("kind", UNKNOWN)),
        summary=str(data.get("summary", "")),
        place=Place(
            str(located["file"]), int(located.get("line", 0)), int(located.get("column", 0))
        )
        if located.get("file")
        else None,
        excerpt=_texts(data.get("excerpt")),
        cause=str(data.get("cause", "")),
        advice=_texts(data.get("advice")),
        names={str(key): str(value) for key, value in (data.get("names") or {}).items()},
        suggestions=_texts(data.get("suggestions")),
        repairs=tuple(dict(change) for change in data.get("repairs") or ()),
        confidence=float(data.get("confidence", 0.0)),
    )


def _texts(found: object) -> tuple[str, ...]:
    items = found if isinstance(found, list | tuple) else ()
    return tuple(str(item)[:_LONGEST] for item in items[:_MOST])
