"""The dense benchmark counts what was found as the definition of recall says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.dense_contenders import recall
from tests.benchmarks.search_dense import passages, people_s_queries

if TYPE_CHECKING:
    from pathlib import Path

ROWS = np.linspace(0, 1, 100, dtype=np.float16)[:, None]
QUERY = np.ones((1, 1), dtype=np.float32)


def test_recall_is_the_part_of_the_ten_best_that_was_found() -> None:
    assert recall(ROWS, QUERY, [list(range(90, 100))]) == 1
    assert recall(ROWS, QUERY, [list(range(85, 95))]) == 0.5
    assert recall(ROWS, QUERY, [[99] * 10]) == 0.1
    assert recall(ROWS, QUERY, [[]]) == 0


def test_rows_that_tie_with_the_tenth_are_as_good() -> None:
    same = np.ones((100, 1), dtype=np.float16)
    assert recall(same, QUERY, [list(range(50, 60))]) == 1


def test_passages_are_read_of_every_kind_of_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"name": "o", "description": "one"}\n{"old": "x"}\n')
    (tmp_path / "b.jsonl").write_text('{"attr": "p", "description": null}\n')
    (tmp_path / "c.jsonl").write_text('{"id": "1", "title": "t", "text": "three"}\n')
    assert passages(tmp_path) == ["o: one", "p: ", "t: three"]
    assert people_s_queries(tmp_path) == []
