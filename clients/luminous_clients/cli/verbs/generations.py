"""The verbs generations and diff: what there is to go back to, and what differs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.document import effects_data, underscored
from luminous_clients.cli.text import clean, moment
from luminous_protocol.errors import UnknownGeneration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MARKS = (("current", "running"), ("default", "next boot"), ("booted", "booted"))


def run(session: Session) -> None:
    """List the generations, newest first."""
    with session.document.timing("generations"):
        generations = session.daemon.generations()
    session.document.add("generations", [underscored(item) for item in generations])
    for number, line in enumerate(aligned([_TITLES, *map(_row, generations)])):
        session.terminal.say(session.terminal.paint(line, "dim") if number == 0 else line)


_TITLES = ("", "#", "MADE", "NIXOS", "KERNEL", "STATE", "CHANGE")


def _row(item: Data) -> tuple[str, ...]:
    marks = [word for key, word in _MARKS if item.get(key)]
    words = clean(item.get("words", ""))
    user = clean(item.get("user", ""))
    change = f"“{words}”" + (f" ({user})" if user else "") if words else ""
    return (
        "*" if item.get("current") else "",
        str(item.get("number", "")),
        moment(int(item.get("date", 0))),
        clean(item.get("nixos-version", "")),
        clean(item.get("kernel", "")),
        ", ".join(marks),
        change,
    )


def diff(session: Session) -> None:
    """Show what differs between two generations."""
    before, after = _pair(session)
    with session.document.timing("compare"):
        answer = session.daemon.compare(before, after)
    from luminous_clients.plans import read_comparison  # noqa: PLC0415 - not needed for the list

    comparison = read_comparison(answer)
    data = {"before": comparison.before, "after": comparison.after}
    session.document.add("comparison", data | effects_data(comparison.effects))
    if session.terminal.is_quiet:
        return
    from luminous_clients.cli.drawing import draw_comparison, put  # noqa: PLC0415 - rich

    put(session.terminal, lambda width: draw_comparison(comparison, width))


def _pair(session: Session) -> tuple[int, int]:
    """Return the two to compare; what was not said is the running one, and the one before."""
    numbers = session.choices.numbers
    if len(numbers) == 2:  # noqa: PLR2004 - both were said
        return numbers[0], numbers[1]
    generations = session.daemon.generations()
    running = running_of(generations)
    return (numbers[0] if numbers else number_before(generations, 1)), running


def running_of(generations: Sequence[Data]) -> int:
    """Return the number of the running generation. Raises `UnknownGeneration`."""
    for item in generations:
        if item.get("current"):
            return int(item["number"])
    raise UnknownGeneration(
        "The running system is no generation of the system profile. "
        "Name the generations: ask-nix diff A B · ask-nix rollback N"
    )


def number_of_day(generations: Sequence[Data], day: str) -> int:
    """Return the number of the generation that was the newest at the end of `day`.

    Raises `UnknownGeneration` where none was there yet.
    """
    end = end_of(day, datetime.now().astimezone()).timestamp()
    there = [int(item["number"]) for item in generations if int(item["date"]) < end]
    if not there:
        raise UnknownGeneration(
            f"No generation is left from {day} or before. The list: ask-nix generations"
        )
    return max(there)


def end_of(day: str, now: datetime) -> datetime:
    """Return the moment at which `day` (yesterday, monday, last week, last month) was over."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if day == "last month":
        return today.replace(day=1)
    if day == "last week":
        return today - timedelta(days=today.weekday())
    if day in _WEEKDAYS:
        since = (today.weekday() - _WEEKDAYS.index(day)) % 7 or 7
        return today - timedelta(days=since - 1)
    return today


def number_before(generations: Sequence[Data], steps: int) -> int:
    """Return the number of the generation `steps` before the running one.

    Raises `UnknownGeneration` where there are fewer.
    """
    running = running_of(generations)
    older = sorted((int(g["number"]) for g in generations if g["number"] < running), reverse=True)
    if len(older) < steps:
        there = f"there are only {len(older)}" if older else "there is none"
        raise UnknownGeneration(
            f"Going back {steps} from generation {running} is not possible: {there} before it. "
            "The list: ask-nix generations"
        )
    return older[steps - 1]
