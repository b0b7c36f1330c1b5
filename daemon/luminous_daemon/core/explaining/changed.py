"""What changed: between how the machine was at some time and how it runs now, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_protocol.errors import UnknownGeneration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.ports import Generation
    from luminous_daemon.core.records import Record


@dataclass(frozen=True, slots=True)
class Span:
    """From which generation to which, and since when.

    One that `is_cut_short` begins with the oldest generation that is left.
    """

    before: Generation
    after: Generation
    since: int
    is_cut_short: bool = False


def span_since(generations: Sequence[Generation], since: int) -> Span:
    """Return what lies between the generation in force at a time and the one that runs now.

    `since` is in seconds since the epoch. Raises `UnknownGeneration`.
    """
    after = _running(generations)
    older = [item for item in generations if item.number <= after.number]
    then = [item for item in older if item.date <= since]
    if then:
        return Span(max(then, key=lambda item: item.number), after, since)
    oldest = min(older, key=lambda item: item.number)
    return Span(oldest, after, since, is_cut_short=True)


def span_from(generations: Sequence[Generation], number: int) -> Span:
    """Return what lies between a generation and the one that runs. Raises `UnknownGeneration`."""
    after = _running(generations)
    for item in generations:
        if item.number == number:
            return Span(item, after, item.date)
    raise UnknownGeneration(
        f"There is no generation {number} any more. The list: ask-nix generations"
    )


def span_before(generations: Sequence[Generation]) -> Span:
    """Return what the running generation changed of the one before. Raises `UnknownGeneration`."""
    after = _running(generations)
    older = [item for item in generations if item.number < after.number]
    before = max(older, key=lambda item: item.number, default=after)
    return Span(before, after, before.date)


def records_in(span: Span, records: Sequence[Record]) -> list[Record]:
    """Return the transactions that ended well in a span, newest first."""
    begin = span.since if not span.is_cut_short else span.before.date
    return [
        item
        for item in records
        if item.state == "done" and (item.finished or item.started) > begin and item.generation
    ]


def _running(generations: Sequence[Generation]) -> Generation:
    for item in generations:
        if item.is_current:
            return item
    raise UnknownGeneration(
        "The running system is no generation of the system profile. "
        "Name two generations: ask-nix diff A B"
    )
