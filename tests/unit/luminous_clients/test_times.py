"""Times that people name: days, ages, dates and generations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from luminous_clients.cli.times import generation_in, moment_in

NOW = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
"""A Saturday."""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("since Tuesday", datetime(2026, 11, 17, tzinfo=UTC)),
        ("last saturday", datetime(2026, 11, 14, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 20, tzinfo=UTC)),
        ("today", datetime(2026, 11, 21, tzinfo=UTC)),
        ("3 days ago", datetime(2026, 11, 18, 15, 30, tzinfo=UTC)),
        ("in the last two weeks", datetime(2026, 11, 7, 15, 30, tzinfo=UTC)),
        ("an hour ago", datetime(2026, 11, 21, 14, 30, tzinfo=UTC)),
        ("5d", datetime(2026, 11, 16, 15, 30, tzinfo=UTC)),
        ("last week", datetime(2026, 11, 9, tzinfo=UTC)),
        ("this week", datetime(2026, 11, 16, tzinfo=UTC)),
        ("last month", datetime(2026, 10, 1, tzinfo=UTC)),
        ("this month", datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_people_say_it(text: str, moment: datetime) -> None:
    assert moment_in(text, NOW) == int(moment.timestamp())


def test_a_date_is_its_beginning_or_its_minute() -> None:
    assert moment_in("since 2026-11-18 12:30", NOW) - moment_in("2026-11-18", NOW) == 45_000


@pytest.mark.parametrize("text", ["whenever", "", "2026-13-40", "the day of reckoning", "-3 days"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_in(text or "none", NOW)


@pytest.mark.parametrize(
    ("text", "number"),
    [("generation 41", 41), ("since generation 41", 41), ("41", 41), ("gen #3", 3), ("3 days", 0)],
)
def test_a_generation_is_told_from_a_time(text: str, number: int) -> None:
    assert generation_in(text) == number
