"""Text from elsewhere is made safe; figures are made readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_clients.cli.columns import aligned, labelled
from luminous_clients.cli.text import (
    clean,
    clean_lines,
    count,
    days,
    duration,
    joined,
    listed,
    signed_size,
    size,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("bell\x07", "bell\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("10%\r50%\r100%", "100%"),
        ("line\r\n", "line"),
        ("two\nlines", "two lines"),
        ("a\tb", "a    b"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("\x1b", "\\x1b"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("naïve ☃ 日本", "naïve ☃ 日本"),
    ],
)
def test_nothing_in_a_text_steers_the_terminal(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_whatever_comes_in_one_printable_line_comes_out(text: str) -> None:
    shown = clean(text)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert shown.splitlines() in ([], [shown])


def test_lines_stay_lines() -> None:
    assert clean_lines("a\n\x1b[1mb\x1b[0m\n\nc") == ["a", "b", "", "c"]
    assert clean_lines("") == []


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1_610_612_736, "1.5 GiB"),
        (2**50, "1024.0 TiB"),
        (-2048, "-2.0 KiB"),
    ],
)
def test_sizes_have_the_unit_that_people_use(number: int, shown: str) -> None:
    assert size(number) == shown


def test_differences_carry_their_sign() -> None:
    assert (signed_size(10), signed_size(-10), signed_size(0)) == ("+10 B", "-10 B", "+0 B")


def test_durations_look_like_a_clock() -> None:
    assert [duration(s) for s in (0.4, 61, 3661)] == ["0:00", "1:01", "1:01:01"]


def test_ages_are_read_as_days() -> None:
    assert [days(text) for text in ("30", "30d", "2w", " 6M ", "1y")] == [30, 30, 14, 180, 365]
    with pytest.raises(ValueError, match="soon"):
        days("soon")


def test_lists_are_short_and_sentences_are_joined() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert [joined(["a"]), joined(["a", "b", "c"]), joined([])] == ["a", "a, b and c", ""]
    assert [count(1, "path"), count(2, "path"), count(0, "entry", "entries")] == [
        "1 path",
        "2 paths",
        "0 entries",
    ]


def test_columns_stand_below_one_another() -> None:
    assert aligned([("a", "bb", ""), ("ccc", "d", "e")]) == ["a    bb", "ccc  d   e"]
    assert aligned([]) == []
    assert labelled([("a", "1"), ("long", "2"), ("x", "")]) == [("a     ", "1"), ("long  ", "2")]
