"""The table: all rows for people, and as one line of JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.row import Row

_HEAD: Final = ("measure", "ours", "reference", "ratio", "budget", "met")
_LEFT: Final = {0, 4, 5}
_GAP: Final = "  "


def table(rows: Sequence[Row]) -> str:
    """Return the rows below one another, and below them what each of them is."""
    lines = [_HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [_drawn(line, widths) for line in lines]
    named = max((len(row.name) for row in rows), default=0)
    told = [f"{row.name:<{named}}  {row.what}; reference: {row.against}" for row in rows]
    return "\n".join([drawn[0], "-" * len(drawn[0]), *drawn[1:], "", *told])


def json_line(rows: Sequence[Row]) -> str:
    """Return the rows as one JSON object on one line."""
    return json.dumps({"rows": [row.data() for row in rows]}, ensure_ascii=False)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        _amount(row.ours, row.unit),
        _amount(row.reference, row.unit),
        f"{row.ratio:.3g}",
        row.budget.text(row.unit),
        "yes" if row.is_met else f"no, limit {_amount(row.limit, row.unit)}",
    )


def _drawn(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        f"{cell:<{width}}" if number in _LEFT else f"{cell:>{width}}"
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return _GAP.join(padded).rstrip()


def _amount(value: float, unit: str) -> str:
    digits = 3 if value < 1 else 2 if value < 10 else 1
    return f"{value:.{digits}f} {unit}"
