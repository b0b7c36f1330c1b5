"""A budget: how much something may cost, alone or against what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most `factor` times the reference, `plus` a fixed amount in the row's unit."""

    factor: float = 0.0
    plus: float = 0.0

    def limit(self, reference: float) -> float:
        """Return the most that is allowed beside this reference."""
        return self.factor * reference + self.plus

    def text(self, unit: str) -> str:
        """Return the rule as people read it."""
        fixed = f"{self.plus:g} {unit}"
        if not self.factor:
            return f"≤ {fixed}"
        share = f"ref / {1 / self.factor:g}" if self.factor < 1 else f"{self.factor:g} x ref"
        if self.factor == 1:
            share = "ref"
        return f"≤ {share} + {fixed}" if self.plus else f"≤ {share}"
