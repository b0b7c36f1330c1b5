"""Purposes: what the words of a query are for, and which documents serve that.

Everything here comes from the package's own data, and is read when somebody first searches.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from luminous_mind.knowledge.categories import Categories
from luminous_mind.knowledge.commands import Commands
from luminous_mind.knowledge.documents import COMMAND, OPTION, PACKAGE
from luminous_mind.knowledge.spelling import Spelling
from luminous_mind.knowledge.terms import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from luminous_mind.knowledge.index import Track
    from luminous_mind.knowledge.query import Query

_SWITCHES = 2


class Purposes:
    """What programs, options and commands are for."""

    @cached_property
    def commands(self) -> Commands:
        """The commands that people type."""
        return Commands()

    @cached_property
    def spelling(self) -> Spelling:
        """The words in which purposes are told."""
        known = (self._programs, self._tasks, self.commands.purposes)
        return Spelling(word for categories in known for word in categories.words)

    def meant(self, track: Track, query: Query) -> Iterator[tuple[int, float]]:
        """Yield rows of a track that serve what is asked for, and how well that fits (0 to 1)."""
        asked = query.stems, query.silent
        if track.kind == COMMAND:
            for number, fit in self.commands.purposes.meant(*asked).items():
                yield int(number), fit
        if track.kind in {OPTION, PACKAGE}:
            for member, fit in self._programs.meant(*asked).items():
                for row in _standing_for(track, member):
                    yield row, fit
        if track.kind == OPTION:
            for name, fit in self._tasks.meant(*asked).items():
                if (row := track.row_of(name)) >= 0:
                    yield row, fit

    @cached_property
    def _programs(self) -> Categories:
        return Categories.of_programs()

    @cached_property
    def _tasks(self) -> Categories:
        return Categories.of_tasks()


def _standing_for(track: Track, member: str) -> Iterable[int]:
    """Return the rows of a program: its package, or the options that switch it on."""
    last = folded(member.rpartition(".")[2])
    match = track.names.exactly(last)
    if not match:
        return []
    if track.kind == PACKAGE:
        exact = track.row_of(member)
        return [exact] if exact >= 0 else match.rows[:1]
    return [row for row in match.rows if track.is_switch_of(row, last)][:_SWITCHES]
