"""What is known beforehand is general: no query by which it is measured stands in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT = ROOT.parent / "shared" / "data" / "dev"


@pytest.mark.parametrize("name", ["questions", "search-queries"])
def test_no_query_of_several_words_stands_in_the_data_of_the_mind(name: str) -> None:
    file = DEVELOPMENT / f"{name}.jsonl"
    if not file.exists():
        pytest.skip("there is no development set here")
    records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    queries = [record["query"].lower().strip("?!. ") for record in records]
    known = "\n".join(
        " ".join(data.read_text(encoding="utf-8").lower().split())
        for data in (ROOT / "daemon/luminous_mind").rglob("*")
        if data.suffix in {".toml", ".py"}
    )
    assert [query for query in queries if len(query.split()) > 1 and query in known] == []
