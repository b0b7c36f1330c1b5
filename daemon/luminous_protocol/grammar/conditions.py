"""Conditions: an "if" that only says what holds anyway, and times at which nothing can be done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.grammar.text import Clause
from luminous_protocol.intents import CHANGING, IntentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luminous_protocol.grammar.vocabulary import Vocabulary
    from luminous_protocol.intents import Intent

ABSENT, PRESENT = "absent", "present"
_HOLDS_FOR = {
    ABSENT: frozenset({IntentKind.INSTALL, IntentKind.ENABLE_SERVICE}),
    PRESENT: frozenset({IntentKind.REMOVE, IntentKind.DISABLE_SERVICE}),
}
_SAID = {ABSENT: "as long as it is not there already", PRESENT: "as long as it is there"}
_PRONOUNS = frozenset({"it", "that", "this", "they", "those", "one"})
_LONGEST_NAME = 3

_UNIT = r"(?:second|minute|min|hour|day|week|month)s?"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?"
_NUMBER = r"(?:an?|one|two|three|four|five|six|ten|half an?|a few|a couple of|some|\d+)"
_TIME = re.compile(
    rf"\b(?:tonight|(?:later )?(?:today|tomorrow)(?: morning| evening| night| afternoon)?"
    rf"|this (?:evening|afternoon|weekend)|later(?: on)?|overnight|at (?:night|midnight|noon|dawn)"
    rf"|(?:at|by|around|after|before) \d{{1,2}}(?: ?: ?\d\d)?(?: ?(?:am|pm|a\.m|p\.m|o'clock|h))?"
    rf"|in {_NUMBER} {_UNIT}(?: time)?|(?:on|next|this|every) (?:{_DAY})"
    rf"|(?:next|every) (?:night|morning|evening|{_UNIT})|(?:daily|nightly|weekly|monthly|hourly)"
    rf"|(?:once|twice) (?:an?|every|per) {_UNIT}|(?:after|before) (?:work|lunch|dinner|bed)"
    rf"|when(?:ever)? i (?:am|go|leave|have left|get) (?:asleep|away|home|out|to bed)"
    rf"|heute (?:abend|nacht)|morgen(?: fruh)?|spater|ce soir|demain|plus tard|esta noche|manana"
    rf"|mas tarde|hoje a noite|amanha|mais tarde|stasera|domani|piu tardi|vanavond|dziś wieczorem"
    rf"|jutro|сегодня вечером|завтра|позже|今晚|明天|今夜|明日)(?!\w)"
)


class Conditioned(NamedTuple):
    """A request without its condition: which kind of condition that was, and about what."""

    clause: Clause
    condition: str
    subject: tuple[str, ...]


def conditioned(clause: Clause, vocabulary: Vocabulary) -> Conditioned | None:
    """Part a request from a condition at its end or its beginning; None where there is none."""
    words = clause.words
    if not vocabulary.whether.isdisjoint(words):
        for condition, subject, start, end in _conditions(clause, vocabulary):
            if start > 0 and end == len(clause):
                return Conditioned(_without_comma(clause.part(0, start)), condition, subject)
            if start == 0 and end < len(clause):
                rest = _without_comma(clause.part(end, len(clause)))
                return Conditioned(_named(rest, subject), condition, subject)
    return None


def before_conditions(clause: Clause, vocabulary: Vocabulary) -> Iterator[Clause]:
    """Yield what stands before each word that makes a condition."""
    for at in range(1, len(clause)):
        if clause.words[at] in vocabulary.conditions:
            yield _without_comma(clause.part(0, at))


def holds_for(found: Sequence[Intent], part: Conditioned, vocabulary: Vocabulary) -> bool:
    """Say whether the condition only says what is so whenever there is anything to do."""
    kinds = _HOLDS_FOR[part.condition]
    changes = [intent for intent in found if intent.kind in CHANGING]
    if len(changes) != len(found) or not all(
        intent.kind in kinds and "action" not in intent.slots for intent in changes
    ):
        return False
    lexicon, subject = vocabulary.lexicon, part.subject
    if subject[0] in _PRONOUNS:
        return True
    service = lexicon.service(subject)
    names = {lexicon.package(subject), "-".join(subject), service.name if service else None}
    return all(
        names & {intent.slots.get("package"), intent.slots.get("service")} - {None}
        for intent in changes
    )


def remark(part: Conditioned) -> str:
    """Say in words under which condition something is asked for."""
    return _SAID[part.condition]


def without_time(clause: Clause) -> Clause | None:
    """Return the clause without the time at which it is to be done; None where it has none."""
    text = " ".join(clause.words)
    match = _TIME.search(text)
    if match is None:
        return None
    start = text.count(" ", 0, match.start())
    end = start + match.group().count(" ") + 1
    words, raws = (texts[:start] + texts[end:] for texts in (clause.words, clause.raws))
    while words and words[-1] in {",", "."}:
        words, raws = words[:-1], raws[:-1]
    while words and words[0] in {",", "."}:
        words, raws = words[1:], raws[1:]
    return Clause(words, raws, clause.things) if words else None


def _conditions(
    clause: Clause, vocabulary: Vocabulary
) -> Iterator[tuple[str, tuple[str, ...], int, int]]:
    """Yield each condition: its kind, what it is about, where it begins and where it ends."""
    words = clause.words
    for start, word in enumerate(words):
        if word not in vocabulary.whether:
            continue
        for at in range(start + 2, min(start + 2 + _LONGEST_NAME, len(words))):
            for condition, states in vocabulary.states.items():
                for length in states.lengths(words, at):
                    kind = _turned(condition) if word == "unless" else condition
                    yield kind, words[start + 1 : at], start, at + length


def _turned(condition: str) -> str:
    return ABSENT if condition == PRESENT else PRESENT


def _without_comma(clause: Clause) -> Clause:
    start, end = 0, len(clause)
    while start < end and clause.words[start] in {",", "then"}:
        start += 1
    while end > start and clause.words[end - 1] in {",", ".", "but", "only"}:
        end -= 1
    return clause.part(start, end)


def _named(rest: Clause, subject: tuple[str, ...]) -> Clause:
    """Put what the condition is about in the place of "it"."""
    if subject[0] in _PRONOUNS or "it" not in rest.words:
        return rest
    at = rest.words.index("it")
    words = (*rest.words[:at], *subject, *rest.words[at + 1 :])
    raws = (*rest.raws[:at], *subject, *rest.raws[at + 1 :])
    return Clause(words, raws, rest.things)
