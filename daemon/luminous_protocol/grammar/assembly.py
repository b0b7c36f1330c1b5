"""Assembly: intents made of what the gaps of a rule were read as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.readings import Reading
from luminous_protocol.intents import Intent

if TYPE_CHECKING:
    from luminous_protocol.grammar.readings import Readings
    from luminous_protocol.intents import IntentKind


def product(read: list[Readings]) -> list[Reading]:
    """Join the readings of all gaps: a list in one of them makes several intents."""
    joined: list[Reading] = [Reading({})]
    for readings in read:
        joined = [_both(left, right) for left in joined for right in readings]
    return joined


def _both(left: Reading, right: Reading) -> Reading:
    remark = left.remark or right.remark
    other = left.other or right.other
    return Reading({**left.slots, **right.slots}, left.certainty * right.certainty, remark, other)


def intent_of(kind: IntentKind, reading: Reading, confidence: float, why: str) -> Intent:
    """Make an intent of a reading; what only helped to read it is no slot."""
    slots = {
        name: value for name, value in reading.slots.items() if name not in {"boot", "form", "at"}
    }
    sure = round(confidence * reading.certainty, 2)
    explanation = f"{why}, {reading.remark}" if reading.remark else why
    others: tuple[Intent, ...] = ()
    if reading.other:
        others = (Intent(kind, {**slots, **reading.other}, round(sure / 2, 2), "as it was typed"),)
    return Intent(kind, slots, sure, explanation, others)
