"""Services in a sentence: what is switched on, off, started, stopped or asked after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.lexicon import PACKAGE
from luminous_protocol.grammar.package_slots import is_name
from luminous_protocol.grammar.readings import Reading, Readings

if TYPE_CHECKING:
    from luminous_protocol.grammar.lexicon import Lexicon, Service
    from luminous_protocol.grammar.readings import SlotWords
    from luminous_protocol.grammar.text import Clause

_NOUNS = frozenset({"service", "daemon", "server", "support", "unit"})
_LONGEST_NAME = 5


class ServiceNames:
    """Reads gaps that hold services."""

    def __init__(self, lexicon: Lexicon, words: SlotWords) -> None:
        """Take the names to look up and the words to look past."""
        self._lexicon = lexicon
        self._words = words

    def read(self, clause: Clause) -> Readings | None:
        """Read a list of known services."""
        found: list[Reading] = []
        at = 0
        while at < len(clause):
            if clause.words[at] in self._words.joiners or clause.words[at] in self._words.articles:
                at += 1
                continue
            for size in range(min(_LONGEST_NAME, len(clause) - at), 0, -1):
                reading = self._service(clause.words[at : at + size])
                if reading is not None:
                    found.append(reading)
                    at += size
                    break
            else:
                return None
        return tuple(found) or None

    def _service(self, words: tuple[str, ...]) -> Reading | None:
        lexicon = self._lexicon
        if words[-1] in _NOUNS and len(words) > 1 and lexicon.service(words) is None:
            words = words[:-1]
        word = words[0].removesuffix(".service")
        service = lexicon.service((word,) if len(words) == 1 else words)
        if service is not None:
            slots = _slots(service)
            return Reading(slots)
        is_everyday = word in lexicon.ordinary or word in self._words.vocabulary
        if len(words) > 1 or is_everyday or word in lexicon.packages:
            return None
        service = lexicon.repaired_service(word)
        if service is None:
            return None
        slots = _slots(service)
        return Reading(slots, 0.8, f"reading {word!r} as {service.name!r}")

    def any_service(self, clause: Clause) -> Readings | None:
        """Read one known service, or one word that may be the name of a service."""
        known = self.read(clause)
        if known is not None:
            return known
        clause = self._words.bare(clause)
        words = clause.words
        if len(words) == 2 and words[1] in _NOUNS:  # noqa: PLR2004 - "foo service"
            words = words[:1]
        word = words[0].removesuffix(".service") if len(words) == 1 else ""
        is_everyday = word in self._lexicon.ordinary or word in self._words.vocabulary
        if is_everyday or not PACKAGE.fullmatch(word) or not is_name(word) or "." in word:
            return None
        return (Reading({"service": word}, 0.6, f"{word!r} is not among the best known services"),)

    def unit(self, clause: Clause) -> Readings | None:
        """Read a service as it was typed, for looking at rather than for changing."""
        clause = self._words.bare(clause)
        words = clause.words
        if words and words[-1] in _NOUNS:
            words = words[:-1]
        service = self._lexicon.service(words) if words else None
        if service is not None and not service.option.startswith("programs."):
            return (Reading({"service": words[0] if len(words) == 1 else service.name}),)
        if len(words) == 1 and words[0].endswith((".service", ".timer", ".socket")):
            return (Reading({"service": words[0]}),)
        return None

    def daemons(self, clause: Clause) -> Readings | None:
        """Read services that are no programs: what people run rather than install."""
        found = self.read(clause)
        if found is None or any(r.slots["option"].startswith("programs.") for r in found):
            return None
        return found


def _slots(service: Service) -> dict[str, str]:
    return {"service": service.name, "option": service.option, "boot": service.boot}
