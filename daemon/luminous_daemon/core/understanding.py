"""Understanding: how what the rules read and what the mind takes a sentence for become one answer.

The rules come first, and nobody else is asked where they are sure. The mind only compares a
sentence with examples, so what it alone takes for a change is never done but always asked about;
what only reads may be answered. Where the rules have refused a change for its words, such as
"don't", no likeness brings it back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from luminous_protocol.grammar import guards
from luminous_protocol.grammar.recogniser import UNKNOWN
from luminous_protocol.intents import CHANGING, Intent, IntentKind, Reason, Recognition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_protocol.understanding import Judgement

_UNSURE: Final = 0.56
"""What the rules read with less is read by words alone, in no order that they know."""
_VAGUE: Final = 0.65
"""The same of what only reads: any question can be one for an explanation."""
_LEAST: Final = 0.5
_STRONG: Final = 0.85
_STRANGE: Final = 3
"""So many words of a sentence may stand in no example of its kind; see tests/evals/families.py."""
_TAKING: Final = frozenset(
    {
        IntentKind.REMOVE,
        IntentKind.ROLLBACK,
        IntentKind.SWITCH_GENERATION,
        IntentKind.GARBAGE_COLLECT,
        IntentKind.DISABLE_SERVICE,
    }
)
"""What takes something away is not even asked about before more speaks for it."""
_DOUBTED: Final = frozenset({guards.SUPPOSED, guards.REPORTED, guards.ASKED})
"""Why the rules do nothing at once: words that are often, but not always, no request."""
_TELLING: Final = frozenset(
    {
        IntentKind.DIAGNOSE,
        IntentKind.HELP,
        IntentKind.LIST_GENERATIONS,
        IntentKind.QUERY_STATUS,
    }
)
"""What only looks, and of which the words that forbid a change say nothing: "it never starts"."""
_TOLD: Final = 0.75
_ALIKE: Final = 0.8
"""A cosine. What the rules doubt is told only where it is so like an example."""
_PLAIN: Final = 0.6
_CONTRARY: Final = 0.85
_UNLIKE: Final = 0.45
"""A cosine. What is less like every example than this is like none."""
_MOST: Final = 8
_SLOTS: Final = 6
_LONGEST: Final = 200
_DOING: Final = {
    IntentKind.INSTALL: "install {}",
    IntentKind.REMOVE: "remove {}",
    IntentKind.ENABLE_SERVICE: "switch on {}",
    IntentKind.DISABLE_SERVICE: "switch off {}",
    IntentKind.SET_OPTION: "set {}",
    IntentKind.UPDATE: "update {}",
    IntentKind.SWITCH_GENERATION: "switch to generation {}",
    IntentKind.GARBAGE_COLLECT: "delete old generations and what nothing needs",
    IntentKind.ROLLBACK: "go back to how the system was before",
    IntentKind.REBUILD: "build the system as its configuration says",
    IntentKind.CONFIGURE_USER: "change the account of {}",
}
_OBJECTS: Final = ("package", "category", "service", "option", "generation", "user", "input")
_OTHER: Final = "other"
RULES, SEMANTIC = "rules", "semantic"


def is_unsure(found: Recognition) -> bool:
    """Say whether the mind is to be asked what it takes a sentence for."""
    if not found.intents:
        return found.question in {UNKNOWN, guards.NEGATED} | _DOUBTED
    return any(
        intent.confidence < (_UNSURE if intent.kind in CHANGING else _VAGUE)
        for intent in found.intents
    )


def join(found: Recognition, judged: Judgement) -> Recognition:
    """Join what the rules have read, who were unsure, with what the mind takes it for."""
    is_refused = found.question == guards.NEGATED
    is_telling = _is_telling(judged)
    if found.question in _DOUBTED and not is_telling and not _is_plain(judged):
        return found
    guessed = _guessed(judged, is_refused=is_refused and not is_telling)
    if found.intents:
        return _weighed(found, judged, guessed)
    if guessed is None or (guessed[0].kind in CHANGING and is_refused):
        return found
    is_change = guessed[0].kind in CHANGING
    return Recognition(guessed, _question(guessed) if is_change else "")


def alone(found: Recognition, problem: str) -> Recognition:
    """Return what the rules have read, with the reason why nobody else was asked."""
    reason = Reason(SEMANTIC, f"not asked: {problem}", 0.0)
    told = (replace(one, reasons=(*reasons_of(one), reason)) for one in found.intents)
    return Recognition(tuple(told), found.question)


def reasons_of(intent: Intent) -> tuple[Reason, ...]:
    """Return why an intent was read; of one that rules have read, that is its explanation."""
    return intent.reasons or (Reason(RULES, intent.explanation, intent.confidence),)


def _guessed(judged: Judgement, *, is_refused: bool) -> tuple[Intent, ...] | None:
    """Return the intents that a judgement stands for; None where it is not sure enough."""
    if judged.kind not in set(IntentKind) or not judged.slots or len(judged.slots) > _MOST:
        return None
    kind = IntentKind(judged.kind)
    if not (_is_like(judged) and _is_sure(kind, judged, is_refused=is_refused)):
        return None
    likest = judged.likenesses[0]
    why = f"it is {likest.likeness:.0%} like {likest.text[:_LONGEST]!r} (examples of {kind})"
    told = tuple(_reasons(judged, why))
    return tuple(
        Intent(kind, _bounded(slots), judged.confidence, why, reasons=told)
        for slots in judged.slots
    )


def _is_like(judged: Judgement) -> bool:
    return bool(judged.likenesses) and judged.likenesses[0].likeness >= _UNLIKE


def _is_telling(judged: Judgement) -> bool:
    """Say whether a sentence surely asks for something that only looks."""
    is_nearest = bool(judged.likenesses) and judged.likenesses[0].kind == judged.kind
    return judged.kind in _TELLING and is_nearest and judged.confidence >= _TOLD


def _is_plain(judged: Judgement) -> bool:
    """Say whether a sentence is so like an example that the rules need not doubt it."""
    if not judged.likenesses or judged.strange or judged.confidence < _PLAIN:
        return False
    likest = judged.likenesses[0]
    return likest.kind == judged.kind and likest.likeness >= _ALIKE


def _is_sure(kind: IntentKind, judged: Judgement, *, is_refused: bool) -> bool:
    """Say whether a judgement is sure enough to be told to a person."""
    is_nearest = judged.likenesses[0].kind == kind
    if kind in CHANGING and judged.likenesses[0].kind == _OTHER:
        return False
    is_known = len(judged.strange) <= _STRANGE - (kind in _TAKING)
    if kind in _TAKING and len(judged.strange) > _STRANGE:
        return False
    if is_refused or (kind in _TAKING and not is_nearest) or not is_known:
        return judged.confidence >= _STRONG and is_nearest and not (is_refused and judged.strange)
    return judged.confidence >= _LEAST


def _reasons(judged: Judgement, why: str) -> list[Reason]:
    found = [Reason(SEMANTIC, f"the classifier says {judged.kind}", judged.confidence)]
    found.append(Reason(SEMANTIC, why, judged.likenesses[0].likeness))
    found.extend(
        Reason(SEMANTIC, f"{near.kind}: {near.text[:_LONGEST]!r}", near.likeness)
        for near in judged.likenesses[1:_MOST]
    )
    sources = judged.sources or {}
    values = dict.fromkeys(value for slots in judged.slots or () for value in slots.values())
    found.extend(
        Reason("slots", f"{value[:_LONGEST]!r} is read from {sources[value][:_LONGEST]}", 1.0)
        for value in values
        if value in sources
    )
    return found


def _bounded(slots: Mapping[str, str]) -> dict[str, str]:
    """Return slots as they may be: few, and short texts."""
    return {name[:_LONGEST]: value[:_LONGEST] for name, value in [*slots.items()][:_SLOTS]}


def _weighed(
    found: Recognition, judged: Judgement, guessed: tuple[Intent, ...] | None
) -> Recognition:
    """Return what the rules have read unsurely, or a question where the mind contradicts."""
    kinds = {intent.kind for intent in found.intents}
    if judged.kind in kinds or not _is_like(judged):
        return found
    if not kinds & CHANGING:
        return Recognition(guessed) if guessed and guessed[0].kind not in CHANGING else found
    if judged.confidence < _CONTRARY:
        return found
    return Recognition(found.intents, _question(found.intents))


def _question(intents: tuple[Intent, ...]) -> str:
    """Return the sentence that asks whether this is meant."""
    kind = intents[0].kind
    things = [_object_of(intent) for intent in intents]
    what = f"{', '.join(things[:-1])} and {things[-1]}" if len(things) > 1 else things[0]
    return f"Do you want to {_DOING.get(kind, kind.value).format(what)}?"


def _object_of(intent: Intent) -> str:
    named = next((intent.slots[name] for name in _OBJECTS if name in intent.slots), "everything")
    if intent.kind is IntentKind.INSTALL and "category" in intent.slots:
        return f"a program of the kind {named}"
    value = intent.slots.get("value", "")
    return f"{named} to {value}" if value else named
