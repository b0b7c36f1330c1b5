"""The reader: one sentence's clauses matched to rules, and the rules' readings made intents."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_protocol.grammar.assembly import intent_of, product
from luminous_protocol.grammar.clauses import (
    are_too_many,
    is_only_politeness,
    reason,
    segments,
    tail,
    trim,
)
from luminous_protocol.grammar.follow_ups import recall
from luminous_protocol.grammar.guards import is_inverted
from luminous_protocol.grammar.patterns import Effort
from luminous_protocol.grammar.readings import Reading
from luminous_protocol.grammar.references import is_open, resolve
from luminous_protocol.grammar.text import Clause
from luminous_protocol.grammar.trouble import trouble, without_complaints
from luminous_protocol.grammar.values import shaped
from luminous_protocol.intents import CHANGING, Intent, IntentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_protocol.conversation import Turn
    from luminous_protocol.grammar.clauses import Segment
    from luminous_protocol.grammar.patterns import Rule
    from luminous_protocol.grammar.readings import Readings
    from luminous_protocol.grammar.vocabulary import Vocabulary

_SIGNED = re.compile(r"[+-][A-Za-z0-9][A-Za-z0-9._+-]{0,79}")
_MOST_ATTEMPTS = 40
_MOST_STEPS = 20_000  # sentences take 80 in the median, 700 at the 95th percentile
_MOST_WORDS = 160
_TELLING = frozenset({IntentKind.DIAGNOSE, IntentKind.EXPLAIN})
_SPEAKERS = frozenset({"i", "we"})
_WHOLES = frozenset({"everything", "all", "whatever"})
_NARROWING = frozenset({"only", "alone"})
_SHORT = 2
_ORDINALS = frozenset({"last", *map(str, range(1, 21))})
_RANGE = "range"
_BUILDING = frozenset({IntentKind.UPDATE, IntentKind.REBUILD})
_LISTS = {
    IntentKind.INSTALL: "known",
    IntentKind.REMOVE: "known",
    IntentKind.ENABLE_SERVICE: "services",
    IntentKind.DISABLE_SERVICE: "services",
}


class Reader:
    """Reads one sentence.

    `said` collects the words that must not forbid a change, `beside` what was told next to the
    request; `is_own` when the request is surely the speaker's and not one that is told of.
    """

    def __init__(
        self, vocabulary: Vocabulary, turns: Sequence[Turn], *, is_courteous: bool
    ) -> None:
        """Take the words and rules to read with, and what was said before this sentence.

        `is_courteous` when a please was left out.
        """
        self._is_courteous = is_courteous
        self._turns = turns
        self.vocabulary = self._vocabulary = vocabulary
        self.question = ""
        self._attempts = 0
        self._effort = Effort(_MOST_STEPS)
        self._whole = Clause((), ())
        self._unmatched: set[tuple[str, ...]] = set()
        self.said: list[tuple[str, ...]] = []
        self.beside: list[tuple[str, ...]] = []
        self.is_polite = False
        self.is_own = is_courteous
        self.is_inverted = False

    def read(self, clause: Clause) -> list[Intent]:
        """Return the intents of the sentence in order, none when any part is not understood."""
        if not len(clause):
            return []
        if all(map(_SIGNED.fullmatch, clause.raws)):
            return self._signed(clause)
        if len(clause) > _MOST_WORDS:
            return []
        found = self._request(clause)
        if found is None or any(map(is_open, found)):
            found = self._sequence(clause)
        if self._effort.is_spent:
            return []  # a part may have gone unread
        found = found or trouble(clause, self._vocabulary)
        return [self._compared(intent) for intent in without_complaints(found or [])]

    def _compared(self, intent: Intent) -> Intent:
        """Add the close second reading: a package that is also a service may be meant to run."""
        service = self._vocabulary.lexicon.services.get(intent.slots.get("package", ""))
        if intent.kind is not IntentKind.INSTALL or service is None:
            return intent
        if service.option.startswith("programs."):
            return intent
        slots = {"service": service.name, "option": service.option}
        why = f"{service.name!r} is also a service that {service.option} switches on"
        sure = round(intent.confidence / 2, 2)
        second = Intent(IntentKind.ENABLE_SERVICE, slots, sure, why)
        return replace(intent, alternatives=(second, *intent.alternatives))

    def _signed(self, clause: Clause) -> list[Intent]:
        """Read "+name -name"."""
        found: list[Intent] = []
        for at, raw in enumerate(clause.raws):
            name = type(clause)((clause.words[at][1:],), (raw[1:],))
            readings = self._vocabulary.reader.read("package", name)
            if readings is None:
                return []
            kind = IntentKind.INSTALL if raw[0] == "+" else IntentKind.REMOVE
            why = f"{raw!r} means {kind} (rule {kind}.sign)"
            found.append(intent_of(kind, readings[0], 0.9, why))
        return found

    def _sequence(self, clause: Clause) -> list[Intent] | None:
        """Read several requests one after the other, each as long as possible."""
        parts = segments(clause, self._vocabulary)
        if are_too_many(parts):
            return None
        found: list[Intent] = []
        at = 0
        is_named = False  # a name stood alone and waits for what is to be done with it
        while at < len(parts):
            step = self._longest(clause, parts, at)
            if step is not None:
                more = self._resolved(step[0], found, clause.part(0, parts[at].start))
                if more is None:
                    return None
                is_named = is_named and not any(map(is_open, step[0]))
                found.extend(intent for intent in more if not _is_repeated(intent, found))
                at = step[1]
                continue
            if ";" in clause.words:
                return None  # this is how commands are chained: every one must be a plain request
            part = clause.part(parts[at].start, parts[at].end)
            more = self._continued(part, found) or self._loosely(part)
            if more:
                found.extend(more)
            elif not found and self._is_mention(part):
                is_named = True
            elif not self._is_beside(part):
                return None
            at += 1
        return None if is_named else found

    def _resolved(
        self, step: list[Intent], found: list[Intent], before: Clause
    ) -> list[Intent] | None:
        """Put what was named before in the place of "it" and "its"; None when nothing fits."""
        resolved: list[Intent] = []
        for intent in _with_groups(step, found):
            if not is_open(intent):
                resolved.append(intent)
                continue
            more = self._referred(intent, before)
            if more is None:
                return None
            self.is_own = True
            resolved.extend(more)
        return resolved

    def _referred(self, intent: Intent, before: Clause) -> list[Intent] | None:
        """Find what a pronoun stands for, in this sentence or in those before it."""
        if intent.slots["reference"] not in _ORDINALS:
            found = resolve(intent, before, self._vocabulary)
            if not self._turns or (found is not None and not any(map(is_open, found))):
                return found
        recalled = recall(intent, self._turns)
        self.question = recalled.question
        return [*recalled.intents] or None

    def _longest(
        self, clause: Clause, parts: list[Segment], at: int
    ) -> tuple[list[Intent], int] | None:
        for end in range(len(parts), at, -1):
            if at == 0 and end == len(parts) and end > 1:
                continue  # the whole sentence has been tried
            self._attempts += 1
            if self._attempts > _MOST_ATTEMPTS:
                return None
            found = self._request(clause.part(parts[at].start, parts[end - 1].end))
            if found:
                return found, end
        return None

    def _loosely(self, part: Clause) -> list[Intent] | None:
        """Read a stretch by its words alone, when no pattern covers it."""
        for trimmed in trim(part, self._vocabulary):
            words = trimmed.clause.words
            is_asking = self._is_courteous or trimmed.is_asking
            if words[0] in self._vocabulary.questions or not self._effort.spend(4 * len(words)):
                return None
            found = self._vocabulary.loose.read(trimmed.clause, is_polite=is_asking)
            if found is not None:
                self.said.append(words)
                self.is_inverted = self.is_inverted or is_inverted(part)
                self.is_polite = self.is_polite or trimmed.is_asking
                return found
        return None

    def _continued(self, part: Clause, found: list[Intent]) -> list[Intent] | None:
        """Read a stretch that only goes on with the list of the request before it."""
        if part.words == ("switch",) and found and found[-1].kind in _BUILDING:
            return [Intent(IntentKind.REBUILD, {}, 0.8, "'switch' goes on with the update")]
        slot = _LISTS.get(found[-1].kind) if found else None
        if slot is None:
            return None
        readings = self._vocabulary.reader.read(slot, part)
        if readings is None:
            return None
        why = f"{part.text()!r} goes on with the list"
        kind = found[-1].kind
        return [intent_of(kind, reading, found[-1].confidence, why) for reading in readings]

    def _is_mention(self, part: Clause) -> bool:
        """Say whether a stretch begins with a name, of which the next one may say "it"."""
        if self._vocabulary.reader.read("known", part.part(0, 1)) is None:
            return False
        self.beside.append(part.words)
        return True

    def _is_beside(self, part: Clause) -> bool:
        """Say whether a stretch asks for nothing and may stand beside a request."""
        if is_only_politeness(part, self._vocabulary):
            return True
        self.beside.append(part.words)
        if len(part) == 1 or (len(part) == _SHORT and part.words[0] in _WHOLES):
            return False  # "and everything else" asks for more
        broken = self._vocabulary.classes["diagnose.broken"]
        if self._vocabulary.advice.lengths(part.words, 1) or broken.lengths(part.words, 1):
            return True  # "teacher says we all need it", "git is missing"
        openings = self._vocabulary.contexts | part.things
        return any(one.clause.words[0] in openings for one in trim(part, self._vocabulary))

    def _request(self, clause: Clause) -> list[Intent] | None:
        """Read one request, if need be without its politeness, its reason or its circumstances."""
        self._whole = clause
        found = self._trimmed(clause)
        if found is None:
            end = tail(clause.words, self._vocabulary)
            least = 1 if self._is_courteous else 2
            cut = reason(clause.part(0, end), self._vocabulary, least)
            if cut < end:
                found = self._trimmed(clause.part(0, cut))
                if found is not None and not self._is_reasoned(found, clause.part(cut, end)):
                    return None
                if found is not None:
                    self.beside.append(clause.words[cut:end])
        is_vague = found and found[0].kind is IntentKind.EXPLAIN and "about" not in found[0].slots
        if found is None or is_vague:
            found = self._complaint(clause) or found
        return found

    def _is_reasoned(self, found: list[Intent], why: Clause) -> bool:
        """Say whether `why` may follow: "make room for the piano" is about no disk."""
        if found[0].kind not in CHANGING or not _NARROWING.isdisjoint(why.words):
            return False
        lexicon, rest = self._vocabulary.lexicon, why.words[1:]
        if why.words[0] == "for" and "to" in why.words[2:]:
            return False  # "for this to work": what must be so for something else
        is_told = why.words[0] != "for" or bool(found[0].slots)
        return is_told or lexicon.is_domain(rest) or lexicon.category(rest) is not None

    def _complaint(self, clause: Clause) -> list[Intent] | None:
        """Read a report of trouble that goes on to say when it happens."""
        phrases = self._vocabulary.circumstances
        for at in range(len(clause) - 1, 1, -1):
            if phrases.lengths(clause.words, at):
                found = self._trimmed(clause.part(0, at))
                if found is not None and found[0].kind in _TELLING:
                    return found
        return None

    def _trimmed(self, clause: Clause) -> list[Intent] | None:
        explained: list[Intent] | None = None
        for trimmed in trim(clause, self._vocabulary):
            found = self._matched(trimmed.clause)
            if found is None and (trimmed.is_polite or self._is_courteous):
                found = self._bare(trimmed.clause)
            if found is None or (explained and found[0].kind not in CHANGING):
                continue
            if found[0].kind is IntentKind.EXPLAIN and self._may_ask(clause):
                explained = found  # unless it is a polite question, in words that ask for reasons
                continue
            self.is_inverted = self.is_inverted or is_inverted(self._whole)
            self.is_polite = self.is_polite or trimmed.is_polite
            return found
        return explained

    def _may_ask(self, clause: Clause) -> bool:
        """Say whether a clause begins as polite questions do."""
        return bool(self._vocabulary.asking.lengths(clause.words, 0))

    def _bare(self, clause: Clause) -> list[Intent] | None:
        """Read names alone: with a please they ask to be installed."""
        read = self._vocabulary.reader.read
        readings = read("known", clause) or read("kind", clause)
        if readings is None:
            return None
        why = f"{clause.text()!r} with a please means install (rule install.bare)"
        return [intent_of(IntentKind.INSTALL, reading, 0.7, why) for reading in readings]

    def _matched(self, clause: Clause) -> list[Intent] | None:
        matcher, read = self._vocabulary.matcher, self._vocabulary.reader.read
        if clause.raws in self._unmatched or not self._effort.spend(len(clause)):
            return None
        for rule in matcher.candidates(clause.words):
            readings = matcher.match(rule, clause, read, self._effort)
            if readings is None:
                continue
            found = self._assembled(rule, clause, readings)
            if found:
                self.is_polite = self.is_polite or rule.may_ask
                self.is_own = self.is_own or clause.words[0] in _SPEAKERS
                if rule.kind in CHANGING and not rule.may_negate:
                    self.said.append(clause.words)
                return found
        self._unmatched.add(clause.raws)
        return None

    def _assembled(self, rule: Rule, clause: Clause, read: list[Readings]) -> list[Intent] | None:
        """Make intents of what a rule's gaps were read as."""
        fixed = dict(rule.fixed)
        also = fixed.pop("also", "")
        why = f"{clause.text()!r} means {rule.kind} (rule {rule.kind}.{rule.name})"
        if also:
            kinds = (rule.kind, IntentKind(also))
            pairs = zip(kinds, read, strict=False)
            sure = rule.confidence
            return [intent_of(kind, one, sure, why) for kind, many in pairs for one in many]
        found: list[Intent] = []
        for reading in product(read):
            slots = self._finished(rule.kind, {**fixed, **reading.slots})
            if slots is None:
                return None
            whole = Reading(slots, reading.certainty, reading.remark, reading.other)
            found.append(intent_of(rule.kind, whole, rule.confidence, why))
        return found

    def _finished(self, kind: IntentKind, slots: dict[str, str]) -> dict[str, str] | None:
        """Give slots their final form; None when a value does not fit its option."""
        form = slots.pop("form", "")
        boot = slots.pop("boot", "")
        if slots.pop("words", "") and not form:
            return None  # several words are a value only where the form of the option knows them
        if form == _RANGE:
            slots["option"] = slots["option"].replace("Ports", "PortRanges")
        elif form and "value" in slots:
            known = self._vocabulary.lexicon.values.get(form, {})
            value = shaped(form, slots["value"], known)
            if value is None:
                return None
            slots["value"] = value
        if slots.pop("at", "") == "boot" and boot:
            slots["option"] = boot
        if kind is IntentKind.ROLLBACK and not slots.get("undo"):
            slots |= _day(" ".join(self._whole.words), self._vocabulary.days)
        if kind is IntentKind.DIAGNOSE:
            about = (slots["service"],) if "service" in slots else self._whole.words
            general = "service" if "service" in slots else slots.get("problem", "unknown")
            slots["problem"] = self._vocabulary.lexicon.problem(about) or general
        return slots


def _day(text: str, days: Mapping[str, str]) -> dict[str, str]:
    """Return the day that an earlier state is called by, as a slot."""
    found = (meant for said, meant in days.items() if f" {said} " in f" {text} ")
    return {"when": day} if (day := next(found, "")) else {}


def _is_repeated(intent: Intent, found: list[Intent]) -> bool:
    return any(one.kind is intent.kind and one.slots == intent.slots for one in found)


def _with_groups(found: list[Intent], before: list[Intent]) -> list[Intent]:
    """Put the service of the request before in the place of "its"."""
    resolved: list[Intent] = []
    for intent in found:
        named = before[-1].slots if before else {}
        name = named.get("service") or named.get("package")
        if intent.slots.get("groups") != "its":
            resolved.append(intent)
        elif name:
            resolved.append(replace(intent, slots={**intent.slots, "groups": name}))
    return resolved
