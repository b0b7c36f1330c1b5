"""Loose reading: a request in an order of words that no pattern foresees.

Every word must still be accounted for: as what is to be done, as the one kind of thing it is done
to, or as a small word that changes nothing. One word beyond that, and nothing is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.phrases import Phrases
from luminous_protocol.grammar.readings import Reading
from luminous_protocol.grammar.tables import load, phrases
from luminous_protocol.intents import Intent, IntentKind

if TYPE_CHECKING:
    from luminous_protocol.grammar.lexicon import Lexicon
    from luminous_protocol.grammar.text import Clause

_LONGEST_NAME = 4
_LONGEST = 24
_SURE = 0.55
_STATES = frozenset({"enable", "disable", "on", "off"})


class Loose:
    """Reads requests by their words, whatever the order."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take the names to look up."""
        tables = load("loose")
        self._lexicon = lexicon
        self._small = Phrases(lambda: phrases(tables["small"]))
        self._cues = {name: _phrases(text) for name, text in tables["cues"].items()}
        self._away = frozenset(phrases(tables["away"]))
        self._asking = frozenset(phrases(tables["asking"]))

    def read(self, clause: Clause, *, is_polite: bool) -> list[Intent] | None:
        """Return what a clause asks for; None when a word is left over or two things are meant."""
        if not 1 < len(clause) <= _LONGEST:
            return None
        cues: set[str] = set()
        things: list[Reading] = []
        at = 0
        while at < len(clause):
            step, cue = self._step(clause, at, things)
            if not step:
                return None
            if cue and (cue not in _STATES or at == 0 or self._asks(clause, is_polite=is_polite)):
                cues.add(cue)
            at += step
        if not things or not (self._asks(clause, is_polite=is_polite) or "wish" in cues):
            return None
        found = self._kind(clause, cues)
        if found is None:
            return None
        kind, names = found
        readings = [_only(reading, names) for reading in things]
        if not all(reading.slots for reading in readings):
            return None
        why = f"the words of {clause.text()!r} together mean {kind} (rule {kind}.loose)"
        return [Intent(kind, reading.slots, _SURE, why) for reading in readings]

    def begins_order(self, words: tuple[str, ...]) -> bool:
        """Say whether `words` begin as orders do."""
        return bool(words) and words[0] in self._asking

    def _asks(self, clause: Clause, *, is_polite: bool) -> bool:
        """Say whether a clause is an order, and tells nothing that is so already."""
        first = clause.words[0]
        return is_polite or first in self._asking

    def _step(self, clause: Clause, at: int, things: list[Reading]) -> tuple[int, str]:
        """Account for what stands at `at`: return how many words that is and which cue."""
        is_verb = at > 0 and clause.words[at - 1] == "to"  # "i want to ssh"
        named = None if is_verb else self._name(clause, at)
        longest, found = max(self._small.lengths(clause.words, at), default=0), ""
        for name, cue in self._cues.items():
            length = max(cue.lengths(clause.words, at), default=0)
            if length > longest or (length == longest and length and not found):
                longest, found = length, name
        if named is not None and named[1] >= longest:
            things.append(named[0])
            return named[1], ""
        return longest, found

    def _name(self, clause: Clause, at: int) -> tuple[Reading, int] | None:
        """Read a name of several meanings as all of them."""
        for size in range(min(_LONGEST_NAME, len(clause) - at), 0, -1):
            words = clause.words[at : at + size]
            service, package = self._lexicon.service(words), self._lexicon.package(words)
            if size == 1 and words[0] in self._lexicon.ordinary:
                package = None
            slots = {"package": package} if package else {}
            if service is not None and not service.option.startswith("programs."):
                slots |= {"service": service.name, "option": service.option}
            if slots:
                return Reading(slots), size
        return None

    def _kind(self, clause: Clause, cues: set[str]) -> tuple[IntentKind, tuple[str, ...]] | None:
        """Say what the words ask for together, and which slots that takes."""
        named = cues - {"wish", "get"}
        is_away = not self._away.isdisjoint(clause.words)
        if named <= {"install", "on"} and cues - {"on"} and not is_away:
            return IntentKind.INSTALL, ("package",)
        if named == {"remove"} or (named <= {"off"} and "get" in cues and is_away):
            return IntentKind.REMOVE, ("package",)
        if named in ({"enable"}, {"enable", "on"}) and not is_away:
            return IntentKind.ENABLE_SERVICE, ("service", "option")
        if named in ({"disable"}, {"disable", "off"}):
            return IntentKind.DISABLE_SERVICE, ("service", "option")
        return None


def _phrases(text: str) -> Phrases:
    return Phrases(lambda: phrases(text))


def _only(reading: Reading, names: tuple[str, ...]) -> Reading:
    return Reading({name: reading.slots[name] for name in names if name in reading.slots})
