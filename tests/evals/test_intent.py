"""The intent eval as a test: no worse than the committed result, and never a false action."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from luminous_sandbox.encoder import find_encoder

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "intent.json"
OWN = HERE / "data" / "phrases-own.jsonl"
STRANGERS = HERE / "data" / "phrases-strangers.jsonl"
SECOND = HERE / "data" / "phrases-strangers-second.jsonl"
LANGUAGES = HERE / "data" / "phrases-languages.jsonl"
LANGUAGES_SECOND = HERE / "data" / "phrases-languages-second.jsonl"
SHARED = HERE.parents[2] / "shared" / "data" / "dev" / "phrases.jsonl"
TOLERANCE = 0.005
FILES = {
    "own": OWN,
    "development": SHARED,
    "strangers": STRANGERS,
    "strangers, second set": SECOND,
    "languages": LANGUAGES,
    "languages, second set": LANGUAGES_SECOND,
    "blind": HERE / "data" / "phrases-blind.jsonl",
    "blind, second set": HERE / "data" / "phrases-blind-second.jsonl",
    "blind, third set": HERE / "data" / "phrases-blind-third.jsonl",
}


def evaluate(file: Path, recogniser: str) -> dict[str, Any]:
    """Run the eval as people do, and read its last line."""
    argv = [sys.executable, str(HERE / "intent.py"), "--recogniser", recogniser, str(file)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def has_encoder(recogniser: str) -> bool:
    return recogniser == "rules" or find_encoder() is not None


@pytest.mark.parametrize("recogniser", ["rules", "all"])
@pytest.mark.parametrize("name", [*FILES])
def test_requests_are_understood_no_worse_than_the_committed_result_says(
    name: str, recogniser: str
) -> None:
    if not FILES[name].exists():
        pytest.skip(f"there is no {name} set of phrases here")
    if not has_encoder(recogniser):
        pytest.skip("there is no sentence encoder here: make encoder")
    committed = json.loads(RESULTS.read_text())[recogniser][name]
    found = evaluate(FILES[name], recogniser)
    assert found["accuracy"] >= committed["accuracy"] - TOLERANCE
    assert found["slot_accuracy"] >= committed["slot_accuracy"] - TOLERANCE
    assert found["false_actions"] == 0
    assert found["adversarial_violations"] == 0
    assert found["false_questions"] <= committed["false_questions"] + 1
