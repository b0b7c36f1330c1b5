"""The vocabulary: every word list and rule of the grammar, loaded once."""

from __future__ import annotations

import gc
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from luminous_protocol.grammar.contrast_words import ContrastWords
from luminous_protocol.grammar.distance import letters, nearest
from luminous_protocol.grammar.languages import add_language
from luminous_protocol.grammar.lexicon import Lexicon
from luminous_protocol.grammar.loose import Loose
from luminous_protocol.grammar.patterns import Compiler, Matcher, Rule
from luminous_protocol.grammar.phrases import Phrases, mirrored
from luminous_protocol.grammar.readings import SlotWords
from luminous_protocol.grammar.slots import SlotReader
from luminous_protocol.grammar.tables import load, pairs, phrases
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Iterable


_SHORTEST_VERB = 4
_SMALL = ("ordinary", "leads", "tails")
_VERBS = ("install.install", "remove.remove", "update.update", "rebuild.rebuild")


class Vocabulary:
    """All that the grammar knows, in the forms in which it is looked up."""

    def __init__(self, language: str = "") -> None:
        """Load the packaged word lists, with those of `language` if it is not English."""
        words = load("words")
        tables = [(name, load(name)) for name in words["order"]]
        if language:
            add_language(words, dict(tables), language)
        self.lexicon = _lexicon()
        self.classes = {
            f"{file}.{name}": _class(text)
            for file, table in tables
            for name, text in table["words"].items()
        }
        self.joiners = frozenset(phrases(words["joiners"])) | {","}
        self.cuts = Phrases(lambda: [*phrases(words["cuts"]), ";", "."])
        self.leads = _class(words["leads"])
        self.asking = _class(words["asking"])
        self.loose = Loose(self.lexicon)
        self.endings = Phrases(lambda: mirrored(phrases(words["tails"])))
        self.reasons = _class(words["reasons"])
        self.contexts = frozenset(phrases(words["contexts"]))
        self.questions = frozenset(phrases(words["questions"]))
        self.negations = _class(words["negations"])
        self.hypotheses = _class(words["hypotheses"])
        self.reports = _class(words["reports"])
        self.foreign = _class(words["foreign"])
        self.excuses, self.perfect = _class(words["excuses"]), _class(words["perfect"])
        self.advice = _class(words["advice"])
        self.elsewhere = frozenset(phrases(words["elsewhere"]))
        self.conditions = frozenset(phrases(words["conditions"]))
        self.whether = frozenset(phrases(words["whether"]))
        self.states = {name: _class(text) for name, text in words["states"].items()}
        self.too_before = _class(words["too_before"])
        self.too_after = Phrases(lambda: mirrored(phrases(words["too_after"])))
        self.injections = _class(words["injections"])
        self.contrasts = ContrastWords(words["contrasts"])
        self.days = pairs(words["days"])
        self.contractions = pairs(words["contractions"])
        articles = frozenset(phrases(words["articles"]))
        courtesies = frozenset(phrases(words["courtesies"]))
        self.courtesies = courtesies
        self.rules = list(_rules(tables, self.classes))
        self.matcher = Matcher(self.rules, articles | courtesies)
        adjectives = frozenset(phrases(words["adjectives"]))
        verbs = {word for name in _VERBS for word in self.classes[name].singles()}
        self.doing = frozenset(verbs)
        if language:  # small words of another language are no names either
            verbs |= {word for key in _SMALL for word in phrases(words.get(key, ""))}
        me = frozenset(phrases(words["me"]))
        slot_words = SlotWords(
            articles | courtesies, self.joiners, frozenset(verbs), me, adjectives
        )
        self.reader = SlotReader(self.lexicon, slot_words)
        self._verbs = {word: letters(word) for word in phrases(words["verbs"])}
        self.emphasis = frozenset(phrases(words["emphasis"]))
        self.circumstances = _class(words["circumstances"])

    @cached_property
    def syllables(self) -> frozenset[str]:
        """The known words of languages that are written without spaces."""
        named = (*self.lexicon.services, *self.lexicon.settings)
        return frozenset(word for word in (*self.known, *named) if not word.isascii())

    @cached_property
    def known(self) -> frozenset[str]:
        """Every word that means something to the grammar, names left aside."""
        known = set(self.joiners) | self.contexts | self.questions
        for rule in self.rules:
            for part in rule.pattern.split():
                known |= rule.compiler.item(part).words
        groups = (*self.classes.values(), self.cuts, self.leads, self.asking, self.reasons)
        for group in (*groups, self.negations, self.hypotheses, self.reports):
            known |= group.words()
        known |= self.endings.words()
        known |= self.matcher.skippable | self.lexicon.ordinary
        return frozenset(known)

    def repaired_verb(self, word: str) -> str | None:
        """Return the verb that `word` most likely misspells; None for words that mean something."""
        is_plain = word.isalpha() and word.isascii()
        if len(word) < _SHORTEST_VERB or word in self._verbs or not is_plain:
            return None
        verb = nearest(word, self._verbs)
        if verb is None:
            return None
        names = (self.lexicon.packages, self.lexicon.services, self.lexicon.ordinary)
        is_word = any(word in known for known in names) or word in self.known
        return None if is_word else verb


@cache
def _lexicon() -> Lexicon:
    return Lexicon()


@cache
def vocabulary(language: str = "") -> Vocabulary:
    """Return the vocabulary of a language, or English alone, loading it at the first call.

    Loading makes many small objects that all stay; the collector would only look through them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return Vocabulary(language)
    finally:
        if was_enabled:
            gc.enable()


def _class(text: str) -> Phrases:
    return Phrases(lambda: phrases(text))


def _rules(
    tables: Iterable[tuple[str, dict[str, Any]]], classes: dict[str, Phrases]
) -> Iterable[Rule]:
    """Compile the rules; a file's own word class goes before one of the same name elsewhere."""
    order = 0
    anywhere = {key.partition(".")[2]: found for key, found in classes.items()}
    for file, table in tables:
        kind = IntentKind(file)
        own = {name: classes[f"{file}.{name}"] for name in table["words"]}
        compiler = Compiler({**anywhere, **own})
        confidence = table.get("confidence", {})
        may_negate = frozenset(table.get("may_negate", {}).get("rules", "").split())
        may_ask = frozenset(table.get("may_ask", {}).get("rules", "").split())
        for name, text in table["rules"].items():
            always = _slots(table.get("fixed", {}).get(name, ""))
            for line in text.splitlines():
                pattern, _, fixed = line.partition(" => ")
                if pattern.strip():
                    sure = confidence.get(name, 0.95)
                    slots = always + _slots(fixed)
                    flags = (name in may_negate, name in may_ask)
                    yield Rule(kind, name, pattern, compiler, slots, sure, *flags, order)
                    order += 1


def _slots(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for part in text.split():
        name, _, value = part.partition("=")
        found.append((name, value.replace("~", " ")))
    return tuple(found)
