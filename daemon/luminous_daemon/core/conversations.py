"""Conversations: what each user has said last, so that "it" and "the second one" mean something.

Kept in memory alone, few and for a short time; nobody's turns are ever looked at for another.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.conversation import Turn
from luminous_protocol.intents import Intent, IntentKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_protocol.intents import Recognition
    from luminous_protocol.passages import Passage

MOST_CONVERSATIONS = 64
MOST_OF_ONE_USER = 8
SECONDS = 900.0
"""After so long a silence, "it" means nothing any more."""
MOST_OFFERED = 20
LONGEST_NAME = 64
_SLOTS = {"package": "package", "option": "option"}


class Speaker(NamedTuple):
    """Who says something, and in which of that user's conversations."""

    uid: int
    conversation: str = ""


class Conversations:
    """The last turn of every user. What is older is never meant, and so not kept."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Tell the time by `clock`, in seconds, which never goes back."""
        self._clock = clock
        self._turns: OrderedDict[Speaker, tuple[float, Turn]] = OrderedDict()

    def turns(self, speaker: Speaker) -> tuple[Turn, ...]:
        """Return what `speaker` has said last, if it was lately."""
        when, turn = self._turns.get(speaker, (self._clock(), None))
        is_late = when < self._clock() - SECONDS
        return () if turn is None or is_late else (turn,)

    def note(self, speaker: Speaker, turn: Turn) -> None:
        """Keep a turn, also one without anything to refer to: what came before it is forgotten."""
        self._turns[speaker] = (self._clock(), turn)
        self._turns.move_to_end(speaker)
        own = [other for other in self._turns if other.uid == speaker.uid]
        for other in own[:-MOST_OF_ONE_USER]:
            del self._turns[other]
        while len(self._turns) > MOST_CONVERSATIONS:
            self._turns.popitem(last=False)


def turn_of(found: Recognition) -> Turn:
    """Return the turn of a sentence: what was understood, or what it was asked back about."""
    if found.question:
        return Turn(offered=tuple(one for intent in found.intents for one in intent.alternatives))
    return Turn(found.intents)


def offered(passages: Sequence[Passage]) -> Turn:
    """Return the turn of a search: its results, in their order, to be told about."""
    return Turn(
        offered=tuple(
            Intent(IntentKind.EXPLAIN, {_SLOTS.get(one.kind, "topic"): one.title}, 1.0, "found")
            for one in passages[:MOST_OFFERED]
        )
    )
