"""Choosing: a name alone says nothing to do, so what may be meant by it is offered, never done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.text import clean, fold
from luminous_protocol.grammar.vocabulary import vocabulary
from luminous_protocol.intents import Intent, IntentKind, Recognition

if TYPE_CHECKING:
    from luminous_protocol.grammar.lexicon import Service

_LONGEST = 3
_UNSURE = 0.3
_WHY = "the name alone does not say what is to be done with it"


def choice_of(text: str) -> Recognition | None:
    """Return what a name alone may mean, and which is the question; None for other sentences."""
    words = tuple(fold(clean(text)).strip(" .,!?").split())
    if not 0 < len(words) <= _LONGEST:
        return None
    lexicon, name = vocabulary().lexicon, " ".join(words)
    if len(words) == 1 and name in lexicon.ordinary:
        return None
    package, service = lexicon.package(words), lexicon.service(words)
    if service is not None and service.option.startswith("programs."):
        service = None
    readings = _readings(name, package, service)
    if not readings:
        return None
    *others, last = [told for told, _ in readings]
    question = f"{name}: {', '.join(others)} or {last}?"
    alternatives = tuple(intent for _, intent in readings)
    first = Intent(IntentKind.EXPLAIN, {"topic": name}, _UNSURE, _WHY, alternatives)
    return Recognition((first,), question)


def _readings(name: str, package: str | None, service: Service | None) -> list[tuple[str, Intent]]:
    """Return what can be done with a name, each with the words to offer it in."""
    found: list[tuple[str, Intent]] = []
    if package:
        why = f"{name!r} is the package {package}"
        install = Intent(IntentKind.INSTALL, {"package": package}, _UNSURE, why)
        found.append((f"install {package}", install))
    if service:
        slots = {"service": service.name, "option": service.option}
        why = f"{name!r} is switched on by {service.option}"
        found.append(
            (f"switch on {service.option}", Intent(IntentKind.ENABLE_SERVICE, slots, _UNSURE, why))
        )
    if not found:
        return []
    if name in vocabulary().lexicon.languages:
        slots = {"topic": f"development shell for {name}"}
        why = f"{name!r} is a language to program in"
        found.append(("use it in a development shell", _told(slots, why)))
    return [*found, ("tell what it is", _told({"topic": name}, f"{name!r} can be explained"))]


def _told(slots: dict[str, str], why: str) -> Intent:
    return Intent(IntentKind.EXPLAIN, slots, _UNSURE, why)
