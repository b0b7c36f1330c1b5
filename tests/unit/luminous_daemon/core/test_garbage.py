"""Garbage: whatever is asked for, there is always a way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.garbage import choose_generations
from luminous_daemon.core.ports import Generation
from luminous_protocol.changes import CollectGarbage
from tests.unit.luminous_protocol.strategies import thoroughly

DAY = 86_400
NOW = 100 * DAY


def generation(number: int, age: int = 0, mark: str = "") -> Generation:
    """Return a generation of so many days."""
    return Generation(
        number,
        f"/nix/store/{number}",
        NOW - age * DAY,
        is_current="c" in mark,
        is_booted="b" in mark,
        is_default="d" in mark,
    )


SIX = [generation(n, age=(7 - n) * 10) for n in range(1, 6)] + [generation(6, 0, "cbd")]


def chosen(change: CollectGarbage, generations: list[Generation] = SIX) -> list[int]:
    """Return the numbers that would be deleted."""
    return [item.number for item in choose_generations(generations, change, now=NOW)]


@pytest.mark.parametrize(
    ("change", "numbers"),
    [
        (CollectGarbage(), [4, 3, 2, 1]),
        (CollectGarbage(keep=3), [3, 2, 1]),
        (CollectGarbage(keep=1), [4, 3, 2, 1]),
        (CollectGarbage(keep=50), []),
        (CollectGarbage(older_than_days=35), [3, 2, 1]),
        (CollectGarbage(older_than_days=40), [2, 1]),
        (CollectGarbage(older_than_days=35, keep=5), [1]),
        (CollectGarbage(older_than_days=2**31 - 1), []),
    ],
)
def test_the_old_go_and_the_newest_stay(change: CollectGarbage, numbers: list[int]) -> None:
    assert chosen(change) == numbers


def test_current_booted_default_the_one_before_and_all_newer_stay() -> None:
    generations = [
        generation(1),
        generation(2, mark="b"),
        generation(3),
        generation(4),
        generation(5, mark="d"),
        generation(6),
        generation(7, mark="c"),
    ]
    assert chosen(CollectGarbage(), generations) == [3, 1]


numbers = st.just(0) | st.integers(1, 2**31 - 1)


@st.composite
def histories(draw: st.DrawFn) -> list[Generation]:
    """Draw generations in any order, with marks on any of them or none."""
    known = draw(st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True))
    marks = {mark: draw(st.sampled_from([*known, 0])) for mark in "cbd"}
    ages = st.integers(-5, 90)
    return [
        generation(n, draw(ages), "".join(m for m, at in marks.items() if at == n)) for n in known
    ]


@thoroughly
@given(histories(), st.builds(CollectGarbage, numbers, numbers))
def test_whatever_is_asked_a_way_back_stays(
    generations: list[Generation], change: CollectGarbage
) -> None:
    doomed = choose_generations(generations, change, now=NOW)
    assert not any(item.is_current or item.is_booted or item.is_default for item in doomed)
    newest_first = sorted(generations, key=lambda item: -item.number)
    assert not [item for item in newest_first[: change.keep] if item in doomed]
    default = next((item.number for item in generations if item.is_default), 0)
    before = [item for item in generations if item.number < default]
    if before:
        assert max(before, key=lambda item: item.number) not in doomed
    if len(generations) > 1:
        assert len(doomed) < len(generations)
