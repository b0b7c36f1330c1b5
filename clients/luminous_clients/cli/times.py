"""Times: the moments that people name: a day, an age, a date, a generation."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000}
_SHORT = {"h": "hour", "d": "day", "w": "week", "m": "month"}
_AGE = re.compile(
    r"(?:the )?(?:last |past )?(?P<number>an?|one|two|three|four|five|six|seven|\d{1,4})\s*"
    r"(?P<unit>minutes?|hours?|days?|weeks?|months?|[hdwm])(?: ago)?"
)
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
}
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ t](\d{1,2}:\d{2}))?")
_GENERATION = re.compile(r"(?:the )?(?:generation|gen)?\s*(?:number |#)?(\d{1,9})")
_BEFORE = re.compile(r"^(?:since|from|after|in|on|over) ")


def generation_in(text: str) -> int:
    """Return the number of a generation that a text names; 0 where it names none."""
    found = _GENERATION.fullmatch(_bare(text))
    return int(found[1]) if found else 0


def moment_in(text: str, now: datetime) -> int:
    """Return the moment that a text names, in seconds since the epoch. Raises ValueError.

    A day is its beginning; a day of the week is the last one, and today's name means a week ago.
    """
    bare = _bare(text)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if found := _AGE.fullmatch(bare):
        unit = _SHORT.get(found["unit"], found["unit"].rstrip("s"))
        number = _NUMBERS.get(found["number"]) or int(found["number"])
        return int(now.timestamp()) - number * _UNITS[unit]
    if found := _DATE.fullmatch(bare):
        named = f"{found[1]} {found[2] or '0:00'}"
        return int(datetime.strptime(named, "%Y-%m-%d %H:%M").astimezone(now.tzinfo).timestamp())
    return int(_start_of(bare.removeprefix("last "), today).timestamp())


def _bare(text: str) -> str:
    return _BEFORE.sub("", " ".join(text.lower().replace(",", " ").split())).rstrip("?.! ")


def _start_of(day: str, today: datetime) -> datetime:
    """Return when a day, a week or a month began. Raises ValueError."""
    if day in _WEEKDAYS:
        return today - timedelta(days=(today.weekday() - _WEEKDAYS.index(day)) % 7 or 7)
    match day:
        case "today" | "this morning":
            return today
        case "yesterday":
            return today - timedelta(days=1)
        case "this week":
            return today - timedelta(days=today.weekday())
        case "week":
            return today - timedelta(days=today.weekday() + 7)
        case "month":
            return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        case "this month":
            return today.replace(day=1)
    raise ValueError(day)
