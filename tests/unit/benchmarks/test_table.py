"""The benchmarks' table: what stands in it, and that programs can read its last line."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.budget import Budget
from tests.benchmarks.row import Row
from tests.benchmarks.table import json_line, table

QUICK = Row(
    name="quick",
    what="something quick",
    against="something slow",
    unit="ms",
    ours=1.5,
    reference=30.0,
    budget=Budget(factor=1 / 20),
)
SLOW = Row(
    name="slow",
    what="a walk",
    against="a ride",
    unit="ms",
    ours=310.25,
    reference=100.0,
    budget=Budget(factor=1.05, plus=200),
)


def test_the_table_has_a_line_for_each_row_and_says_what_each_is() -> None:
    assert table([QUICK, SLOW]).splitlines() == [
        "measure      ours  reference  ratio  budget                 met",
        "---------------------------------------------------------------",
        "quick     1.50 ms    30.0 ms   0.05  ≤ ref / 20             yes",
        "slow     310.2 ms   100.0 ms    3.1  ≤ 1.05 x ref + 200 ms  no, limit 305.0 ms",
        "",
        "quick  something quick; reference: something slow",
        "slow   a walk; reference: a ride",
    ]


def test_the_last_line_holds_every_row_with_the_keys_that_programs_expect() -> None:
    line = json_line([QUICK, SLOW])
    assert "\n" not in line
    rows = json.loads(line)["rows"]
    assert [row["name"] for row in rows] == ["quick", "slow"]
    assert all(
        {"name", "ours", "reference", "ratio", "budget", "met"} <= row.keys() for row in rows
    )
    assert [row["met"] for row in rows] == [True, False]
    assert rows[1]["ratio"] == pytest.approx(3.1025)
    assert rows[1]["limit"] == pytest.approx(305.0)


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        (Budget(plus=45), "≤ 45 ms"),
        (Budget(factor=1.5), "≤ 1.5 x ref"),
        (Budget(factor=1, plus=80), "≤ ref + 80 ms"),
        (Budget(factor=1 / 20), "≤ ref / 20"),
        (Budget(factor=1.05, plus=200), "≤ 1.05 x ref + 200 ms"),
    ],
)
def test_a_budget_is_written_as_a_rule(budget: Budget, text: str) -> None:
    assert budget.text("ms") == text


def test_no_rows_are_a_table_too() -> None:
    assert table([]).startswith("measure")
    assert json.loads(json_line([])) == {"rows": []}
