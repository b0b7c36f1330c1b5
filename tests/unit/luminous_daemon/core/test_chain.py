"""The chain: whatever is changed, taken away or put in shows, and says where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.chain import Link, Walk, join, read_line, repair
from tests.unit.luminous_protocol.strategies import thoroughly

NOW = 1_763_686_400


def chain(length: int) -> list[bytes]:
    """Return the lines of a chain."""
    lines, link = [], Link()
    for number in range(length):
        line, link = join(link, {"event": "asked", "words": f"number {number} ☃"}, NOW + number)
        lines.append(line)
    return lines


def walked(lines: list[bytes]) -> Walk:
    """Walk along lines."""
    walk = Walk()
    for line in lines:
        walk.take(line)
    walk.end()
    return walk


def test_a_whole_chain_is_whole() -> None:
    walk = walked(chain(5))
    assert (walk.problem, walk.link.sequence, walk.since, walk.repaired) == ("", 5, NOW, 0)
    assert walked([]).problem == ""


def test_a_line_is_canonical_json_that_holds_the_hash_of_the_one_before() -> None:
    first, second = chain(2)
    entry = json.loads(first)
    assert entry["previous"] == "0" * 64
    assert first == json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(second)["previous"] == Link(1, walked([first]).link.digest).digest


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], "Entry 3 is missing."),
        (lambda lines: lines[2:], "Entries 1 to 2 are missing."),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "Entry 2 stands again after entry 2."),
        (
            lambda lines: [lines[0], lines[1].replace(b"number 1", b"number 9"), *lines[2:]],
            "Entry 2 was changed, or entry 3 was put in another's place.",
        ),
        (
            lambda lines: [lines[0].replace(b"number 0", b"number 9"), *lines[1:]],
            "Entry 1 was changed, or entry 2 was put in another's place.",
        ),
        (
            lambda lines: [*lines[:3], lines[3][:-9], *lines[4:]],
            "What follows entry 3 is damaged.",
        ),
        (lambda lines: [*lines, b'{"half'], "What follows entry 5 is damaged."),
        (lambda lines: [*lines[:1], b"", *lines[1:]], "What follows entry 1 is damaged."),
        (
            lambda lines: [*lines[:1], lines[1].replace(b":", b": ", 1), *lines[2:]],
            "What follows entry 1 is damaged.",
        ),
    ],
)
def test_what_is_spoilt_is_named(spoil: object, problem: str) -> None:
    assert callable(spoil)
    assert walked(spoil(chain(5))).problem == problem


@thoroughly
@given(st.data())
def test_no_byte_but_of_the_newest_entry_can_be_changed_unseen(data: st.DataObject) -> None:
    lines = chain(4)
    number = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != lines[number][place]))
    spoilt = bytearray(lines[number])
    spoilt[place] = other
    parts = bytes(spoilt).split(b"\n")
    assert walked([*lines[:number], *parts, *lines[number + 1 :]]).problem


def test_a_line_that_was_cut_off_and_told_of_is_no_damage() -> None:
    lines, link = chain(3), walked(chain(3)).link
    torn = lines[2][:20]
    told, link = join(link, repair(torn, is_cut_off=True), NOW)
    last, _ = join(link, {"event": "asked"}, NOW)
    walk = walked([*lines, torn, told, last])
    assert (walk.problem, walk.repaired, walk.link.sequence) == ("", 1, 5)
    assert walked([*lines, lines[1][:20] + b"!", told, last]).problem


def test_an_entry_that_was_whole_and_is_not_any_more_is_damage_whatever_is_told_of_it() -> None:
    lines, link = chain(3), walked(chain(3)).link
    told, _ = join(link, repair(b"spoilt\n", is_cut_off=False), NOW)
    assert walked([*lines, b"spoilt", told]).problem == "What follows entry 3 is damaged."


@pytest.mark.parametrize("line", [b"", b"[]", b"5", b"{}", b"\xff", b"[" * 100_000, b"{" * 200_000])
def test_what_is_no_entry_is_not_read_as_one(line: bytes) -> None:
    assert read_line(line) is None


def test_an_entry_of_a_version_to_come_is_named() -> None:
    line = chain(1)[0].replace(b'"version":1', b'"version":2')
    assert walked([line]).problem == "Entry 1 is of version 2, which is not known here."
