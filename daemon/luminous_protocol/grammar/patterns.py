"""Patterns: phrases with gaps, compiled from the words in the data files and matched to clauses.

A pattern is items with spaces between them: `word`, `one|another`, `one|a_phrase`, `%class` (any
phrase of a word class), `<slot>` (a gap that a slot parser reads). A `?` after an item makes it
optional. Fixed slots follow after `=>`: `restart <service> => action=restart`. A match covers the
whole clause: a word that no item accounts for means that the sentence says something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.grammar.phrases import Phrases
from luminous_protocol.grammar.text import EMPTY, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, KeysView, Mapping

    from luminous_protocol.grammar.readings import Readings
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.intents import IntentKind

    ReadSlot = Callable[[str, Clause], Readings | None]
    Needs = tuple[frozenset[str] | KeysView[str], ...]


_MOST_REMEMBERED = 2000


class Item(NamedTuple):
    """One place of a pattern: words that fit, or a word class, or a slot."""

    words: frozenset[str]
    phrases: Phrases | None
    slot: str
    is_optional: bool


class Rule(NamedTuple):
    """One pattern and what it means; its items are compiled when it is first tried."""

    kind: IntentKind
    name: str
    pattern: str
    compiler: Compiler
    fixed: tuple[tuple[str, str], ...]
    confidence: float
    may_negate: bool
    may_ask: bool
    order: int


class Compiler:
    """Turns the text of patterns into rules; equal items are shared."""

    def __init__(self, classes: Mapping[str, Phrases]) -> None:
        """Take the word classes that `%name` refers to."""
        self._classes = classes
        self._items: dict[str, Item] = {}
        self._patterns: dict[str, tuple[Item, ...]] = {}

    def items(self, pattern: str) -> tuple[Item, ...]:
        """Compile the items of one pattern."""
        known = self._patterns.get(pattern)
        if known is None:
            parts = [part for part in pattern.split() if part.rstrip("?") not in EMPTY]
            known = self._patterns[pattern] = tuple(map(self.item, parts))
        return known

    def first(self, pattern: str) -> list[Item]:
        """Compile the items with which a clause of this pattern may begin."""
        found: list[Item] = []
        for part in pattern.split():
            if part.rstrip("?") not in EMPTY:
                found.append(self.item(part))
                if not found[-1].is_optional:
                    break
        return found

    def item(self, part: str) -> Item:
        """Compile one item."""
        known = self._items.get(part)
        if known is None:
            body, is_optional = (part[:-1], True) if part[-1] == "?" else (part, False)
            body = fold(body) if not body.isascii() else body
            if body[0] == "<":
                known = Item(frozenset(), None, body[1:-1], is_optional)
            elif "%" in body or "_" in body:
                known = Item(frozenset(), self._class(body), "", is_optional)
            else:
                known = Item(frozenset(body.split("|")), None, "", is_optional)
            self._items[part] = known
        return known

    def _class(self, body: str) -> Phrases:
        """Return the class `%name`, or one of all in `%name|%other|word|a_phrase`."""
        if "|" not in body and body[0] == "%":
            return self._classes[body[1:]]
        joined: list[str] = []
        for part in body.split("|"):
            is_class = part[0] == "%"
            joined.extend(self._classes[part[1:]].texts() if is_class else [part.replace("_", " ")])
        return Phrases(lambda: joined)


class Effort:
    """How many more steps one sentence is worth: text made to be slow must not hold the daemon."""

    def __init__(self, steps: int) -> None:
        """Allow `steps` steps."""
        self._left = steps

    def spend(self, steps: int = 1) -> bool:
        """Take steps; say whether they were still allowed."""
        self._left -= steps
        return self._left >= 0

    @property
    def is_spent(self) -> bool:
        """Whether a step was refused."""
        return self._left < 0


class Matcher:
    """Finds the first rule, in order, that covers a whole clause."""

    def __init__(self, rules: Iterable[Rule], skippable: frozenset[str]) -> None:
        """Index `rules`; words of `skippable` (articles, "please") may stand anywhere."""
        self.skippable = skippable
        self._by_word: dict[str, list[Rule]] = {}
        self._by_class: dict[Phrases, list[Rule]] = {}
        self._found: dict[str, list[Rule]] = {}
        self._by_anchor: dict[Item, list[Rule]] = {}
        self._needs: dict[int, Needs] = {}
        for rule in rules:
            self._index(rule)

    def _index(self, rule: Rule) -> None:
        for item in rule.compiler.first(rule.pattern):
            if item.slot:
                self._by_anchor.setdefault(_anchor(rule), []).append(rule)
            elif item.phrases is not None:
                self._by_class.setdefault(item.phrases, []).append(rule)
            for word in item.words:
                self._by_word.setdefault(word, []).append(rule)

    def _starting(self, word: str) -> list[Rule]:
        """Return the rules of which a clause may begin with `word`."""
        found = list(self._by_word.get(word, ()))
        for phrases, rules in self._by_class.items():
            if phrases.starts_with(word):
                found.extend(rules)
        return found

    def candidates(self, words: tuple[str, ...]) -> list[Rule]:
        """Return the rules that could cover `words`, in order."""
        found: list[Rule] = []
        for word in words:
            if len(self._found) > _MOST_REMEMBERED:
                self._found.clear()
            same = self._found.get(word)
            if same is None:
                same = self._found[word] = self._starting(word)
            found.extend(same)
            if word not in self.skippable:
                break
        present = frozenset(words)
        for item, rules in self._by_anchor.items():
            firsts = item.phrases.firsts if item.phrases else item.words
            if not firsts.isdisjoint(present):
                found.extend(rules)
        fit = {rule.order: rule for rule in found if self._may_cover(rule, present)}
        return [fit[order] for order in sorted(fit)]

    def _may_cover(self, rule: Rule, present: frozenset[str]) -> bool:
        """Say whether each item that must be there could be: most rules fall out here."""
        needs = self._needs.get(rule.order)
        if needs is None:
            needs = self._needs[rule.order] = _needs(rule)
        for need in needs:  # noqa: SIM110 - any() takes twice as long, and this is the inner loop
            if need.isdisjoint(present):
                return False
        return True

    def match(
        self, rule: Rule, clause: Clause, read: ReadSlot, effort: Effort
    ) -> list[Readings] | None:
        """Match one rule against the whole clause; return what its slots read, in order."""
        return _Attempt(rule, clause, read, effort).begin(self.skippable)


class _Attempt:
    """One rule tried on one clause."""

    def __init__(self, rule: Rule, clause: Clause, read: ReadSlot, effort: Effort) -> None:
        self._items = rule.compiler.items(rule.pattern)
        self._clause = clause
        self._read = read
        self._effort = effort
        self._skippable: frozenset[str] = frozenset()

    def begin(self, skippable: frozenset[str]) -> list[Readings] | None:
        """Match all items against the whole clause; words of `skippable` mean nothing."""
        self._skippable = skippable
        return self.walk(0, 0)

    def walk(self, index: int, at: int) -> list[Readings] | None:
        """Match the items from `index` on against the words from `at` on."""
        if not self._effort.spend():
            return None
        words = self._clause.words
        if index == len(self._items):
            is_over = all(word in self._skippable for word in words[at:])
            return [] if is_over else None
        item = self._items[index]
        found = self._take(item, index, at)
        if found is None and item.is_optional:
            found = self.walk(index + 1, at)
        if found is None and not item.slot and at < len(words) and words[at] in self._skippable:
            found = self.walk(index, at + 1)
        return found

    def _take(self, item: Item, index: int, at: int) -> list[Readings] | None:
        words = self._clause.words
        if item.slot:
            return self._fill(item, index, at)
        if item.phrases is None:
            if at < len(words) and words[at] in item.words:
                return self.walk(index + 1, at + 1)
            return None
        for length in item.phrases.lengths(words, at):
            found = self.walk(index + 1, at + length)
            if found is not None:
                return found
        return None

    def _fill(self, item: Item, index: int, at: int) -> list[Readings] | None:
        """Fill a gap with as many words as possible; look at what follows first, it is cheaper."""
        for end in range(len(self._clause), at, -1):
            rest = self.walk(index + 1, end)
            if rest is None:
                continue
            if not self._effort.spend(end - at):
                return None
            readings = self._read(item.slot, self._clause.part(at, end))
            if readings is not None:
                return [readings, *rest]
        return None


def _anchor(rule: Rule) -> Item:
    """Return the first item that must be there in a rule that begins with a gap."""
    items = rule.compiler.items(rule.pattern)
    return next(item for item in items if not item.slot and not item.is_optional)


def _needs(rule: Rule) -> Needs:
    """Return, for each item that must be there, the words with which it may begin."""
    items = rule.compiler.items(rule.pattern)
    needed = [item for item in items if not item.slot and not item.is_optional]
    needed.sort(key=lambda item: item.phrases is not None)
    return tuple(item.phrases.firsts if item.phrases else item.words for item in needed)
