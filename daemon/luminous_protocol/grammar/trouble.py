"""Trouble: complaints in a sentence, heard where no rule covers all of its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.grammar.text import PUNCTUATION
from luminous_protocol.intents import CHANGING, Intent, IntentKind

if TYPE_CHECKING:
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary

_CONDITION = re.compile(r"'(?:and |but )?(?:if|when|whenever|once|should)\b", re.IGNORECASE)
_DENYING = frozenset({"not", "nothing", "never", "nobody", "none", "no"})
_GRUMBLING = ("(rule explain.why)", "(rule explain.may)")


def trouble(clause: Clause, vocabulary: Vocabulary) -> list[Intent]:
    """Hear trouble in a sentence of which not every word is understood: looking harms nothing.

    It must name a part of this machine and then say, in the same breath, that it fails.
    """
    broken, lexicon = vocabulary.classes["diagnose.broken"], vocabulary.lexicon
    words, start = clause.words, 0
    for at in range(1, len(clause)):
        if words[at] in PUNCTUATION:
            start = at + 1
        length = max(broken.lengths(words, at), default=0)
        if length and words[at - 1] not in _DENYING and lexicon.is_domain(words[start:at]):
            problem = lexicon.problem(words) or "unknown"
            why = f"{clause.part(at, at + length).text()!r} speaks of trouble (rule diagnose.gist)"
            return [Intent(IntentKind.DIAGNOSE, {"problem": problem}, 0.5, why)]
    return []


def _is_grumble(intent: Intent) -> bool:
    """Say whether an intent, standing before a request, only says why it is made."""
    return intent.kind is IntentKind.DIAGNOSE or intent.explanation.endswith(_GRUMBLING)


def without_complaints(found: list[Intent]) -> list[Intent]:
    """Leave out complaints before a request: they only say why it is made.

    Nothing is left of a request for the case that there is something to complain of.
    """
    last = max((at for at, intent in enumerate(found) if intent.kind in CHANGING), default=0)
    complaints = [intent for intent in found[:last] if _is_grumble(intent)]
    if any(_CONDITION.match(one.explanation) for one in complaints):
        return []  # "when docker is slow, restart it" is no reason, but a condition
    told = [one for one in found if one.kind is IntentKind.DIAGNOSE]
    if len(told) > 1:  # "the update failed, what went wrong" asks one thing
        complaints += [one for one in told if one.slots.get("problem") == "unknown"][
            : len(told) - 1
        ]
    return [intent for intent in found if intent not in complaints]
