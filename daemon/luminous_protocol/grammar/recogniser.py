"""The recogniser: from a sentence to the intents in it, or to a question back."""

from __future__ import annotations

from dataclasses import replace

from luminous_protocol.grammar import guards
from luminous_protocol.grammar.reader import Reader
from luminous_protocol.grammar.text import Clause, clean, tokenise, unquoted
from luminous_protocol.grammar.vocabulary import Vocabulary, vocabulary
from luminous_protocol.intents import CHANGING, Intent, IntentKind, Recognition

UNKNOWN = (
    "I did not understand that. You can ask to install, remove, update, enable, disable"
    " or set something, to roll back, or say help."
)


def recognise(text: str) -> Recognition:
    """Say what a text asks for, in order, or which question to ask back.

    Never raises for a string. A change is proposed only when every word of a request is accounted
    for by a rule; whatever is unsure becomes a question.
    """
    text = text.strip()
    question = guards.unreadable(text)
    if question:
        return Recognition(question=question)
    words = vocabulary()
    if guards.is_pasted_error(text):
        return Recognition((_pasted(text, words),))
    text = clean(text)
    question = guards.hostile(text)
    if question:
        return Recognition(question=question)
    clause = _tokens(text, words)
    question = guards.injected(clause, words)
    if question:
        return Recognition(question=question)
    return _answer(clause, words)


def _tokens(text: str, words: Vocabulary) -> Clause:
    syllables: frozenset[str] = frozenset() if text.isascii() else words.syllables
    return tokenise(unquoted(text), words.contractions, syllables)


def _answer(clause: Clause, words: Vocabulary) -> Recognition:
    clause, repairs = _repaired(clause, words)
    clause, is_asked = _unpunctuated(clause)
    is_courteous = any(word in words.emphasis for word in clause.words)
    clause = clause.without(words.emphasis)
    reader = Reader(words, is_courteous=is_courteous)
    found = reader.read(clause)
    if not found:
        return Recognition(question=_why_not(clause, words))
    if any(intent.kind in CHANGING for intent in found):
        if (is_asked or reader.is_inverted) and not reader.is_polite:
            return Recognition(question=guards.ASKED)
        is_own = reader.is_own or reader.is_polite
        question = guards.veto(reader.said, words)
        question = question or guards.unfit(clause)
        question = question or guards.veto_beside(reader.beside, words, is_own=is_own)
        if not question and _is_vague(found) and guards.is_elsewhere(reader.beside, words):
            question = guards.ELSEWHERE
        if question:
            return Recognition(question=question)
    if repairs:
        found = [_doubted(intent, repairs) for intent in found]
    return Recognition(tuple(found))


def _is_vague(found: list[Intent]) -> bool:
    """Say whether something is to be changed that no intent gives a name."""
    return any(intent.kind in CHANGING and not intent.slots for intent in found)


def _why_not(clause: Clause, words: Vocabulary) -> str:
    return guards.veto([clause.words], words) or UNKNOWN


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
