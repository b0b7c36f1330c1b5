"""A row: one measure beside its reference, and whether it keeps its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmarks.budget import Budget


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured. `ours` and `reference` are in `unit`; less is better in all of them.

    `what` says what was done, and `against` what the reference is.
    """

    name: str
    what: str
    against: str
    unit: str
    ours: float
    reference: float
    budget: Budget

    @property
    def ratio(self) -> float:
        """How many times the reference it costs."""
        return self.ours / self.reference if self.reference else 0.0

    @property
    def limit(self) -> float:
        """The most that it may cost beside this reference."""
        return self.budget.limit(self.reference)

    @property
    def is_met(self) -> bool:
        """Whether the budget is kept."""
        return self.ours <= self.limit

    def data(self) -> dict[str, Any]:
        """Return the row for JSON; `limit` is what `budget` comes to beside this reference."""
        return {
            "name": self.name,
            "ours": round(self.ours, 4),
            "reference": round(self.reference, 4),
            "ratio": round(self.ratio, 4),
            "budget": self.budget.text(self.unit),
            "met": self.is_met,
            "limit": round(self.limit, 4),
            "unit": self.unit,
        }
