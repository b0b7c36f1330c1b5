"""Follow-ups: sentences that say something only after another one ("and vim too", "the second")."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_protocol.grammar.clauses import trim
from luminous_protocol.intents import Intent, IntentKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.conversation import Turn
    from luminous_protocol.grammar.readings import Reading, Readings
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary

_SLOTS = {
    IntentKind.INSTALL: ("packages", "package"),
    IntentKind.REMOVE: ("packages", "package"),
    IntentKind.ENABLE_SERVICE: ("services", "service"),
    IntentKind.DISABLE_SERVICE: ("services", "service"),
}
_SURE = 0.75
_LAST = "last"
_BOTH, _TWO = "both", 2
_WHICH = "Which one is meant: {names}? Say its name."
_TAKEN = {
    IntentKind.REMOVE: IntentKind.INSTALL,
    IntentKind.DISABLE_SERVICE: IntentKind.ENABLE_SERVICE,
}
_PUTTING_BACK = re.compile(
    r"(?:(?:no|oh|ok|okay|well|now|then|please|just|and|,) )*"
    r"(?:put|bring|get|change|set|give) (?:me )?(?:it|that|this|them|those|these|both|all)"
    r" back(?: (?:again|in|on|now|please|,|then))*"
)
_NOT_TAKEN = (
    "I do not know what is to be put back. Say its name;"
    " to take back the last change that was made: ask-nix undo"
)
_NOTHING = "I do not know what is meant by that. Say its name."


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a sentence means after those before it, or the question to ask back.

    With both, the question is which of the alternatives of the only intent is meant.
    """

    intents: tuple[Intent, ...] = ()
    question: str = ""


def follow_up(clause: Clause, turns: Sequence[Turn], vocabulary: Vocabulary) -> FollowUp | None:
    """Read a sentence that goes on with the newest of `turns`; None where it does not."""
    bare = [trimmed.clause for trimmed in trim(clause, vocabulary)]
    if any(_is_putting_back(one) for one in (clause, *bare)):
        return _put_back(turns, clause.text())
    if not turns:
        return None
    for trimmed in trim(clause, vocabulary):
        found = _chosen(trimmed.clause, turns, vocabulary) or _added(
            trimmed.clause, turns, vocabulary
        )
        if found is not None:
            return found
    return _added(clause, turns, vocabulary)


def recall(intent: Intent, turns: Sequence[Turn]) -> FollowUp:
    """Put what the newest turn named in the place of a pronoun; what is older is never meant."""
    reference = intent.slots["reference"]
    if reference == _LAST or reference.isdecimal():
        return _ordinal(intent, turns)
    wanted = _SLOTS[intent.kind][1]
    named = _named(turns[-1].intents, wanted) if turns else []
    if not named or (reference == _BOTH and len(named) != _TWO):
        return FollowUp(question=_NOTHING)
    readings = tuple(_in_place(intent, slots) for slots in named)
    if len(named) > 1 and reference not in {"them", _BOTH}:
        question = _WHICH.format(names=_listed([slots[wanted] for slots in named]))
        return FollowUp((replace(intent, alternatives=readings),), question)
    return FollowUp(readings)


def _is_putting_back(clause: Clause) -> bool:
    """Tell whether a clause is "put it back" and says no more."""
    return _PUTTING_BACK.fullmatch(" ".join(clause.words)) is not None


def _put_back(turns: Sequence[Turn], said: str) -> FollowUp:
    """Ask for what was just taken away; nothing else is there to be put back."""
    taken = turns[-1].intents if turns else ()
    wanted = {_TAKEN.get(one.kind): _SLOTS[one.kind][1] for one in taken if one.kind in _TAKEN}
    is_clear = len(wanted) == 1 and all(one.kind in _TAKEN for one in taken)
    (kind, slot), *_ = wanted.items() if is_clear else [(None, "")]
    named = _named(taken, slot)
    if kind is None or len(named) != len(taken) or any("action" in one.slots for one in taken):
        return FollowUp(question=_NOT_TAKEN)
    why = f"{said!r} puts back what was taken away before (rule {kind}.back)"
    return FollowUp(tuple(Intent(kind, slots, _SURE, why) for slots in named))


def _ordinal(intent: Intent, turns: Sequence[Turn]) -> FollowUp:
    """Take the one of those offered last that a number names, for what is to be done with it."""
    wanted = _SLOTS[intent.kind][1]
    one = _pick(intent.slots["reference"], turns)
    is_service = wanted == "service" and one is not None and "option" in one.slots
    if one is None or not (wanted in one.slots or is_service):
        return FollowUp(question=_NOTHING)
    kept = {name: one.slots[name] for name in (wanted, "option") if name in one.slots}
    return FollowUp((_in_place(intent, kept),))


def _in_place(intent: Intent, slots: dict[str, str]) -> Intent:
    said = {name: value for name, value in intent.slots.items() if name != "reference"}
    name = next(iter(slots.values()))
    why = f"{intent.explanation}, of {name!r} as was said before"
    return replace(intent, slots={**said, **slots}, explanation=why)


def _named(intents: Sequence[Intent], wanted: str) -> list[dict[str, str]]:
    """Return the slots that name something of a kind, each once."""
    found: list[dict[str, str]] = []
    for intent in intents:
        slots = {name: intent.slots[name] for name in (wanted, "option") if name in intent.slots}
        if wanted in slots and slots not in found:
            found.append(slots)
    return found


def _pick(reference: str, turns: Sequence[Turn]) -> Intent | None:
    """Return what the newest turn offered under a number; older lists are out of sight."""
    offered = turns[-1].offered if turns else ()
    if reference == _LAST:
        return offered[-1] if offered else None
    number = int(reference)
    return offered[number - 1] if 0 < number <= len(offered) else None


def _chosen(clause: Clause, turns: Sequence[Turn], vocabulary: Vocabulary) -> FollowUp | None:
    """Read "the second one" alone: of readings of one sentence, that one is meant."""
    if not turns[-1].offered:
        return None
    read = vocabulary.reader.read("choice", clause)
    if read is None:
        return None
    one = _pick(read[0].slots["reference"], turns)
    if one is None:
        count = len(turns[-1].offered)
        return FollowUp(question=f"There are {count} to choose from. Say its number or its name.")
    why = f"{clause.text()!r} chooses what was offered before (rule {one.kind}.choice)"
    return FollowUp((replace(one, confidence=0.9, explanation=why),))


def _added(clause: Clause, turns: Sequence[Turn], vocabulary: Vocabulary) -> FollowUp | None:
    """Read "and vim too": the same as was asked for last, of something else."""
    last = turns[-1].intents[-1] if turns[-1].intents else None
    if last is None or last.kind not in _SLOTS:
        return None
    slot = _SLOTS[last.kind][0]
    for start, end in _marked(clause, vocabulary):
        read: Readings | None = vocabulary.reader.read(slot, clause.part(start, end))
        if read is not None:
            why = f"{clause.text()!r} goes on with what was said before (rule {last.kind}.also)"
            return FollowUp(tuple(_as_before(last, one, why) for one in read))
    return None


def _as_before(last: Intent, reading: Reading, why: str) -> Intent:
    """Ask for the same as before, of what a gap was read as."""
    kept = {"action": last.slots["action"]} if "action" in last.slots else {}
    slots = {name: value for name, value in reading.slots.items() if name != "boot"}
    explanation = f"{why}, {reading.remark}" if reading.remark else why
    sure = round(_SURE * reading.certainty, 2)
    return Intent(last.kind, {**kept, **slots}, sure, explanation)


def _marked(clause: Clause, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """Return where names stand between the words that say "too", if any of those is there."""
    size = len(clause)
    starts = [*vocabulary.too_before.lengths(clause.words, 0), 0]
    backwards = clause.words[::-1]
    ends = [size - length for length in vocabulary.too_after.lengths(backwards, 0)] + [size]
    found = [(start, end) for start in starts for end in ends if start < end]
    return [place for place in found if place != (0, size)]


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
