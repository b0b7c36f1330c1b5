"""The tokens of a Nix file: what begins and ends where, in work that grows as the text does."""

from __future__ import annotations

import pytest

from luminous_daemon.configuration.tokens import NotNix, tokens_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.c", ["word a", "mark .", "word b", "mark .", "word c"]),
        ("a.b/c d", ["path a.b/c", "word d"]),
        ("a'b.c/d", ["word a'b", "path .c/d"]),
        ("_.b:c d", ["word _", "mark .", "uri b:c", "word d"]),
        ("a.b: c", ["word a", "mark .", "word b", "mark :", "word c"]),
        ("~/a ~/${b}/c", ["path ~/a", "path ~/${b}/c"]),
        ("a/${b + ''}''}c.d//e", ["path a/${b + ''}''}c.d//e"]),
        ("<a/b> <a", ["search <a/b>", "mark <", "word a"]),
        ("<a/> ", ["mark <", "word a", "mark /", "mark >"]),
        ("1.5e3 a//b /* c */ # d", ["number 1.5e3", "word a", "mark //", "word b"]),
    ],
)
def test_each_token_has_its_kind_and_its_end(text: str, expected: list[str]) -> None:
    assert [f"{token.kind} {token.text}" for token in tokens_of(text)] == expected


@pytest.mark.parametrize("part", ["a.", "a+", "a_.", "<a."])
def test_half_a_megabyte_is_looked_through_once(part: str) -> None:
    """Looking through it again from each of its parts would take hours, and the test times out."""
    found = tokens_of(part * (512 * 1024 // len(part)))
    assert {len(token.text) for token in found} <= {1, 2}


@pytest.mark.parametrize("text", ["/* a", "/* " * 400_000, '"a', "''a", "a/${b", '"${' * 50])
def test_what_is_never_closed_is_not_understood(text: str) -> None:
    with pytest.raises(NotNix):
        tokens_of(f"x {text}\n")
