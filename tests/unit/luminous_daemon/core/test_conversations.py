"""Conversations: the user's own, few, and soon forgotten."""

from __future__ import annotations

from luminous_daemon.core.conversations import (
    MOST_CONVERSATIONS,
    MOST_OF_ONE_USER,
    SECONDS,
    Conversations,
    Speaker,
    offered,
    turn_of,
)
from luminous_protocol.conversation import Turn
from luminous_protocol.intents import Intent, IntentKind, Recognition
from luminous_protocol.passages import Passage

ALICE, BOB = Speaker(1000), Speaker(1001)


class Clock:
    """A time that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def turn(name: str) -> Turn:
    """Return a turn about a package."""
    return Turn((Intent(IntentKind.INSTALL, {"package": name}),))


def test_each_user_and_each_conversation_has_turns_of_its_own() -> None:
    kept = Conversations(Clock())
    kept.note(ALICE, turn("vim"))
    kept.note(ALICE._replace(conversation="window 2"), turn("git"))
    assert kept.turns(ALICE) == (turn("vim"),)
    assert kept.turns(BOB) == ()


def test_only_the_last_turn_is_kept() -> None:
    kept = Conversations(Clock())
    kept.note(ALICE, turn("vim"))
    kept.note(ALICE, turn("git"))
    assert kept.turns(ALICE) == (turn("git"),)


def test_the_last_turn_is_forgotten_after_a_silence() -> None:
    clock = Clock()
    kept = Conversations(clock)
    kept.note(ALICE, turn("vim"))
    clock.now = SECONDS
    assert kept.turns(ALICE) == (turn("vim"),)
    clock.now += 1
    assert kept.turns(ALICE) == ()


def test_nobody_can_make_others_be_forgotten_by_holding_many_conversations() -> None:
    kept = Conversations(Clock())
    kept.note(BOB, turn("vim"))
    for number in range(2 * MOST_CONVERSATIONS):
        kept.note(ALICE._replace(conversation=str(number)), turn("git"))
    assert kept.turns(BOB) == (turn("vim"),)
    held = range(2 * MOST_CONVERSATIONS)
    mine = [number for number in held if kept.turns(ALICE._replace(conversation=str(number)))]
    assert len(mine) == MOST_OF_ONE_USER


def test_after_what_was_not_understood_nothing_older_is_the_last_turn() -> None:
    kept = Conversations(Clock())
    kept.note(ALICE, turn("vim"))
    kept.note(ALICE, turn_of(Recognition(question="What?")))
    assert kept.turns(ALICE) == (Turn(),)


def test_of_a_question_the_readings_are_kept_as_offered_and_not_as_said() -> None:
    readings = turn("vim").intents + turn("git").intents
    asked = Intent(IntentKind.EXPLAIN, {"topic": "editor"}, 0.3, "", readings)
    assert turn_of(Recognition((asked,), "Which?")) == Turn(offered=readings)


def test_results_of_a_search_can_be_told_about_and_are_no_request() -> None:
    def passage(kind: str, title: str) -> Passage:
        return Passage(title, kind, title, "", "", 0, "", 1.0, ())

    found = offered([passage("package", "vim"), passage("option", "a.b"), passage("note", "N")])
    assert found.intents == ()
    assert [dict(one.slots) for one in found.offered] == [
        {"package": "vim"},
        {"option": "a.b"},
        {"topic": "N"},
    ]
    assert {one.kind for one in found.offered} == {IntentKind.EXPLAIN}
