"""The recogniser: from a sentence to the intents in it, or to a question back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_protocol.grammar import guards
from luminous_protocol.grammar.conditions import (
    before_conditions,
    conditioned,
    holds_for,
    remark,
    without_time,
)
from luminous_protocol.grammar.contrasts import contrasted, corrected
from luminous_protocol.grammar.follow_ups import follow_up
from luminous_protocol.grammar.languages import languages_of
from luminous_protocol.grammar.reader import Reader
from luminous_protocol.grammar.text import Clause, clean, tokenise, unquoted
from luminous_protocol.grammar.vocabulary import Vocabulary, vocabulary
from luminous_protocol.intents import CHANGING, Intent, IntentKind, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.conversation import Turn

UNKNOWN = (
    "I did not understand that. You can ask to install, remove, update, enable, disable"
    " or set something, to roll back, or say help."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence without its marks: which words were repaired, and whether it was a question."""

    clause: Clause
    repairs: list[str]
    is_question: bool


def recognise(text: str, turns: Sequence[Turn] = ()) -> Recognition:
    """Say what a text asks for, in order, or which question to ask back.

    `turns` are what the same person said before, the newest last.

    Never raises for a string. A change is proposed only when every word of a request is accounted
    for by a rule; whatever is unsure becomes a question.
    """
    text = text.strip()
    question = guards.unreadable(text)
    if question:
        return Recognition(question=question)
    if guards.is_pasted_error(text):
        return Recognition((_pasted(text, vocabulary()),))
    found = Recognition(question=UNKNOWN)
    for language in languages_of(text) or ("",):
        found = _recognised(text, vocabulary(language), turns)
        if found.intents or found.question != UNKNOWN:
            break
    return found


def _recognised(text: str, words: Vocabulary, turns: Sequence[Turn]) -> Recognition:
    """Read a sentence with the words of one language."""
    is_nameless = guards.nameless(text, words.joiners)
    text = clean(text)
    question = guards.hostile(text)
    if question:
        return Recognition(question=question)
    clause = _tokens(text, words)
    question = guards.injected(clause, words)
    if question:
        return Recognition(question=question)
    found = _answer(clause, words, turns)
    if is_nameless and any(intent.kind in CHANGING for intent in found.intents):
        return Recognition(question=guards.NAMELESS)
    return found


def _tokens(text: str, words: Vocabulary) -> Clause:
    syllables: frozenset[str] = frozenset() if text.isascii() else words.syllables
    return tokenise(unquoted(text), words.contractions, syllables)


def _answer(clause: Clause, words: Vocabulary, turns: Sequence[Turn]) -> Recognition:
    clause, repairs = _repaired(clause, words)
    clause, is_asked = _unpunctuated(clause)
    part = conditioned(clause, words)
    if part is None:
        return _unconditional(Asked(clause, repairs, is_question=is_asked), words, turns)
    found = _unconditional(Asked(part.clause, repairs, is_question=is_asked), words, turns)
    if not any(intent.kind in CHANGING for intent in found.intents):
        return _unconditional(Asked(clause, repairs, is_question=is_asked), words, turns)
    if not holds_for(found.intents, part, words):
        return Recognition(question=guards.SUPPOSED)
    said = remark(part)
    return Recognition(
        tuple(replace(one, explanation=f"{one.explanation}, {said}") for one in found.intents)
    )


def _unconditional(asked: Asked, words: Vocabulary, turns: Sequence[Turn]) -> Recognition:
    """Read a sentence as a whole, or, if it was refused, without what it says is not meant."""

    def read(clause: Clause) -> Recognition:
        return _plainly(replace(asked, clause=clause), words, ())

    found = corrected(asked.clause, words, read) or _plainly(asked, words, turns)
    if _is_complaint(found) and any(
        intent.kind in CHANGING
        for part in before_conditions(asked.clause, words)
        for intent in read(part).intents
    ):
        return Recognition(question=guards.SUPPOSED)  # "restart nginx if it is down"
    if found.intents or found.question not in {guards.NEGATED, UNKNOWN}:
        return found
    return contrasted(asked.clause, words, read) or found


def _is_complaint(found: Recognition) -> bool:
    return bool(found.intents) and all(one.kind is IntentKind.DIAGNOSE for one in found.intents)


def _plainly(asked: Asked, words: Vocabulary, turns: Sequence[Turn]) -> Recognition:
    is_courteous = any(word in words.emphasis for word in asked.clause.words)
    clause = asked.clause.without(words.emphasis)
    further = follow_up(clause, turns, words)
    if further is not None:
        question = further.question or guards.veto([clause.words], words)
        question = question or (guards.ASKED if asked.is_question else "")
        return Recognition(() if question else further.intents, question)
    reader = Reader(words, turns, is_courteous=is_courteous)
    found = reader.read(clause)
    if not found:
        return Recognition(question=reader.question or _why_not(clause, words))
    if any(intent.kind in CHANGING for intent in found):
        question = _forbidden(asked, clause, reader, found)
        if question:
            return Recognition(question=question)
    if reader.question:
        return Recognition(tuple(found) if len(found) == 1 else (), reader.question)
    if asked.repairs:
        found = [_doubted(intent, asked.repairs) for intent in found]
    return Recognition(tuple(found))


def _forbidden(asked: Asked, clause: Clause, reader: Reader, found: list[Intent]) -> str:
    """Return why a change that was read must not be made; nothing when it may."""
    words = reader.vocabulary
    if (asked.is_question or reader.is_inverted) and not reader.is_polite:
        return guards.ASKED
    if guards.is_past(clause, words):
        return guards.REPORTED
    is_own = reader.is_own or reader.is_polite
    question = guards.veto(reader.said, words)
    question = question or guards.unfit(clause)
    beside = [guards.without_lack(told, found) for told in reader.beside]
    question = question or guards.veto_beside(beside, words, is_own=is_own)
    if not question and _is_vague(found) and guards.is_elsewhere(reader.beside, words):
        question = guards.ELSEWHERE
    return question


def _is_vague(found: list[Intent]) -> bool:
    """Say whether something is to be changed that no intent gives a name."""
    return any(intent.kind in CHANGING and not intent.slots for intent in found)


def _why_not(clause: Clause, words: Vocabulary) -> str:
    """Say why nothing is done; a request that could be, but for its time, is told that."""
    timeless = without_time(clause)
    if timeless is not None and not guards.veto([timeless.words], words):
        found = Reader(words, (), is_courteous=False).read(timeless)
        if any(intent.kind in CHANGING for intent in found):
            return guards.TIMED
    question = guards.veto([clause.words], words)
    if not question and guards.is_foreign(clause, words):
        return guards.ELSEWHERE
    return question or (guards.REPORTED if guards.is_done(clause, words) else UNKNOWN)


def _repaired(clause: Clause, words: Vocabulary) -> tuple[Clause, list[str]]:
    """Spell misspelt verbs right; return the clause and what was repaired."""
    remarks: list[str] = []
    spelt = list(clause.words)
    for at, word in enumerate(clause.words):
        verb = words.repaired_verb(word)
        if verb is not None:
            spelt[at] = verb
            remarks.append(f"reading {word!r} as {verb!r}")
    if not remarks:
        return clause, remarks
    return Clause(tuple(spelt), clause.raws, clause.things), remarks


def _unpunctuated(clause: Clause) -> tuple[Clause, bool]:
    """Take the marks off the end; say whether one of them was a question mark."""
    end = len(clause)
    while end > 1 and clause.words[end - 1] in {".", "!", "?", ",", ";", ":"}:
        end -= 1
    return clause.part(0, end), "?" in clause.words


def _doubted(intent: Intent, repairs: list[str]) -> Intent:
    explanation = f"{intent.explanation}, {', '.join(repairs)}"
    return replace(intent, confidence=round(intent.confidence * 0.85, 2), explanation=explanation)


def _pasted(text: str, words: Vocabulary) -> Intent:
    """Classify a pasted error message; nothing of its text goes into a slot."""
    clause = _tokens(clean(text), words)
    problem = words.lexicon.problem(clause.words) or "unknown"
    explanation = "the text begins like an error message (rule diagnose.pasted)"
    return Intent(IntentKind.DIAGNOSE, {"problem": problem}, 0.8, explanation)
