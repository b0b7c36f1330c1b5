"""The eval of errors as a test: no worse than the committed result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "errors.json"
LEAST_REPAIRED = 0.9

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def evaluate(*arguments: str) -> tuple[str, dict[str, Any]]:
    """Run the eval as people do; return what it prints, and its last line."""
    argv = [sys.executable, str(HERE / "errors.py"), "--details", *arguments]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


def test_errors_are_explained_and_mended_no_worse_than_the_committed_result_says() -> None:
    printed, found = evaluate("--nix", "2.26")
    known = json.loads(RESULTS.read_text())
    assert found["messages"] * 2 > known["messages"]
    for measure in ("kind_right", "place_right"):
        assert found[measure] >= known[measure], printed
    share = found["repaired"] / found["repairable"]
    assert share >= max(LEAST_REPAIRED, known["repaired"] / known["repairable"]), printed


def test_the_eval_takes_those_that_are_named() -> None:
    printed, found = evaluate("--nix", "2.26", "a package is broken")
    assert found == {
        "messages": 1,
        "kind_right": 1.0,
        "place_right": 1.0,
        "repairable": 0,
        "repaired": 0,
    }, printed
