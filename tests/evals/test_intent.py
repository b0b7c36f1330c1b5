"""The intent eval as a test: no worse than the committed result, and never a false action."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "intent.json"
OWN = HERE / "data" / "phrases-own.jsonl"
SHARED = HERE.parents[2] / "shared" / "data" / "dev" / "phrases.jsonl"
TOLERANCE = 0.005


def evaluate(file: Path) -> dict[str, Any]:
    """Run the eval as people do, and read its last line."""
    argv = [sys.executable, str(HERE / "intent.py"), str(file)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("name", ["own", "development"])
def test_requests_are_understood_no_worse_than_the_committed_result_says(name: str) -> None:
    file = {"own": OWN, "development": SHARED}[name]
    if not file.exists():
        pytest.skip(f"there is no {name} set of phrases here")
    committed = json.loads(RESULTS.read_text())[name]
    found = evaluate(file)
    assert found["accuracy"] >= committed["accuracy"] - TOLERANCE
    assert found["slot_accuracy"] >= committed["slot_accuracy"] - TOLERANCE


@pytest.mark.parametrize("file", [OWN, SHARED], ids=["own", "development"])
def test_nothing_is_changed_that_nobody_asked_for(file: Path) -> None:
    if not file.exists():
        pytest.skip("that set of phrases is not here")
    found = evaluate(file)
    assert found["false_actions"] == 0
    assert found["adversarial_violations"] == 0
