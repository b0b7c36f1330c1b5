"""The evals of search as tests: no worse than the committed results, where the data is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DEVELOPMENT = HERE.parents[2] / "shared" / "data" / "dev"
TOLERANCE = 0.015  # one query of the smaller sets


def evaluate(name: str, *arguments: str) -> tuple[str, dict[str, Any]]:
    """Run an eval as people do; return what it prints, and its last line."""
    argv = [sys.executable, str(HERE / f"{name}.py"), *arguments]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


def committed(name: str) -> dict[str, Any]:
    """Read what was found when somebody last looked."""
    results: dict[str, Any] = json.loads((HERE / "results" / f"{name}.json").read_text())
    return results


@pytest.mark.timeout(600)  # the index is made first, where no test has made it
@pytest.mark.parametrize("kind", ["development", "own"])
def test_graded_queries_are_answered_no_worse_than_the_committed_result_says(kind: str) -> None:
    _, found = evaluate("search", queries(kind, "search-queries"))
    for track, known in committed("search")[kind].items():
        assert found[track]["queries"] == known["queries"]
        for measure in ("success_at_10", "mrr", "recall_at_10", "ndcg_at_10"):
            assert found[track][measure] >= known[measure] - TOLERANCE, (track, measure)


@pytest.mark.timeout(600)  # as above
@pytest.mark.parametrize("kind", ["development", "own"])
def test_questions_are_answered_no_worse_than_the_committed_result_says(kind: str) -> None:
    _, found = evaluate("questions", queries(kind, "questions"))
    known = committed("questions")[kind]
    assert found["questions"] == known["questions"]
    for measure in ("hit_at_1", "hit_at_5", "hit_at_10"):
        assert found[measure] >= known[measure] - TOLERANCE, measure


def queries(kind: str, name: str) -> str:
    """Return a set of queries; without the data that they are asked of there is nothing to do."""
    if not DEVELOPMENT.exists():
        pytest.skip("the options and packages that are searched are not here")
    own = HERE / "data" / f"{name}-own.jsonl"
    return str(own if kind == "own" else DEVELOPMENT / f"{name}.jsonl")


@pytest.mark.parametrize("name", ["search", "questions"])
def test_without_queries_the_eval_says_so(name: str, tmp_path: Path) -> None:
    printed, found = evaluate(name, str(tmp_path / "none.jsonl"))
    assert "nothing was measured" in printed
    assert found == {}
