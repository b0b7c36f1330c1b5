"""The examples that sentences are compared with are many, of every kind, and nobody's test."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from luminous_mind.intent.examples import OTHER, expand, read_examples
from luminous_protocol.grammar.text import fold
from luminous_protocol.intents import IntentKind

DEVELOPMENT = Path(__file__).resolve().parents[5] / "shared/data/dev/phrases.jsonl"
LEAST = 100
NEARLY = 95
"""Of a hundred. Short sentences such as "clean up my disk" are in everybody's mouth."""
SEVERAL = 6


def test_a_template_stands_for_all_that_it_can_be() -> None:
    assert expand("get|fetch me? {package}") == [
        "get me {package}",
        "get {package}",
        "fetch me {package}",
        "fetch {package}",
    ]
    assert expand("of_course|?") == ["of course", ""]


def test_a_long_template_is_written_out_only_so_often_and_always_the_same() -> None:
    long = "a|b|c|d a|b|c|d a|b|c|d a|b|c|d"
    assert expand(long) == expand(long)
    assert 1 < len(expand(long)) <= 5


def test_every_kind_of_intent_has_examples_and_so_has_what_is_none() -> None:
    counts = Counter(example.kind for example in read_examples())
    assert set(counts) == {kind.value for kind in IntentKind} | {OTHER}
    assert min(counts.values()) >= LEAST


def test_no_name_is_left_to_be_filled_in() -> None:
    assert [example.text for example in read_examples() if "{" in example.text] == []


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def test_no_sentence_that_measures_stands_among_the_examples() -> None:
    if not DEVELOPMENT.exists():
        pytest.skip("there is no development set here")
    lines = DEVELOPMENT.read_text(encoding="utf-8").splitlines()
    measured = {plain(json.loads(line)["text"]) for line in lines}
    known = {plain(example.text) for example in read_examples()}
    assert sorted(measured & known) == []
    long = [text for text in measured if len(text.split()) >= SEVERAL]
    near = [process.extract(text, known, scorer=fuzz.ratio, score_cutoff=NEARLY) for text in long]
    assert [found for found in near if found] == []
