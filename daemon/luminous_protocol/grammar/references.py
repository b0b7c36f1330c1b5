"""References: what "it" and "that" stand for, found in what was said before."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from luminous_protocol.grammar.lexicon import PACKAGE
from luminous_protocol.grammar.package_slots import is_name
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary
    from luminous_protocol.intents import Intent

_LONGEST_NAME = 4
_NAMING = frozenset(
    {"need", "needs", "want", "wants", "use", "uses", "using", "love", "loves", "like", "called"}
)
_PACKAGES = frozenset({IntentKind.INSTALL, IntentKind.REMOVE})
_SERVICES = frozenset({IntentKind.ENABLE_SERVICE, IntentKind.DISABLE_SERVICE})


def is_open(intent: Intent) -> bool:
    """Say whether an intent names what it is about only by a pronoun."""
    return "reference" in intent.slots and intent.kind in _PACKAGES | _SERVICES


def resolve(intent: Intent, before: Clause, vocabulary: Vocabulary) -> list[Intent] | None:
    """Put what `before` mentions in the place of the pronoun; None when that is not clear."""
    find = _packages if intent.kind in _PACKAGES else _services
    found = find(before, vocabulary)
    if not found and intent.kind is IntentKind.INSTALL:
        found = _unknown(before, vocabulary)
    if not found or (len(found) > 1 and intent.slots["reference"] == "it"):
        return [intent] if intent.kind is IntentKind.REMOVE and not found else None
    named = {name: value for name, value in intent.slots.items() if name != "reference"}
    sure = round(intent.confidence * 0.9, 2)
    return [replace(intent, slots={**named, **slots}, confidence=sure) for slots in found]


def _packages(before: Clause, vocabulary: Vocabulary) -> list[dict[str, str]]:
    """Return the slots of every well-known package that is mentioned, each once."""
    lexicon, found = vocabulary.lexicon, []
    at = 0
    while at < len(before):
        for size in range(min(_LONGEST_NAME, len(before) - at), 0, -1):
            words = before.words[at : at + size]
            attribute = lexicon.package(words)
            is_everyday = size == 1 and (words[0] in lexicon.ordinary or len(words[0]) < 3)  # noqa: PLR2004 - as "ip" is
            if attribute and not is_everyday:
                found.append({"package": attribute})
                at += size - 1
                break
        at += 1
    return _once(found)


def _unknown(before: Clause, vocabulary: Vocabulary) -> list[dict[str, str]]:
    """Return the one word said to be used or wanted that no list knows: surely a name."""
    strange = {
        word
        for verb, word in pairwise(before.words)
        if verb in _NAMING and PACKAGE.fullmatch(word) and is_name(word)
    }
    strange -= before.things | vocabulary.known
    return [{"package": strange.pop()}] if len(strange) == 1 else []


def _services(before: Clause, vocabulary: Vocabulary) -> list[dict[str, str]]:
    """Return the slots of every known service that is mentioned, each once."""
    found = []
    for at in range(len(before)):
        for size in range(min(_LONGEST_NAME, len(before) - at), 0, -1):
            service = vocabulary.lexicon.service(before.words[at : at + size])
            if service is not None and not service.option.startswith("programs."):
                found.append({"service": service.name, "option": service.option})
                break
    return _once(found)


def _once(found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [slots for at, slots in enumerate(found) if slots not in found[:at]]
