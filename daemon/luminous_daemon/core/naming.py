"""Naming: how a sentence offers the names that may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def did_you_mean(nearest: Sequence[str]) -> str:
    """Return the question, to go on after a sentence; nothing where there is no name to offer."""
    if not nearest:
        return ""
    *others, last = nearest
    return f" Did you mean {', '.join(others)} or {last}?" if others else f" Did you mean {last}?"
