"""Languages: in which one a sentence is, and the words and rules of that one beside the English.

Each language is one file of the package. What forbids a change (negations, conditions, what others
have said) holds in the words of all languages together, whichever a sentence is taken to be in.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from luminous_protocol.grammar.tables import load, phrases
from luminous_protocol.grammar.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LATIN = ("de", "fr", "es", "pt", "it", "nl", "pl")
LANGUAGES = (*LATIN, "ru", "zh", "ja")
_MOST = 3
_CYRILLIC = re.compile("(?<![A-Za-z])[\u0400-\u04ff]{2,}(?![A-Za-z])")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+")
_BOUNDS = re.compile(r"[\s,|_?]+")


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that a sentence may be in, the likeliest first; none for English."""
    if not text.isascii():
        if _KANA.search(text):
            return ("ja",)
        if _HAN.search(text):
            return ("zh",)
        if _CYRILLIC.search(text):
            return ("ru",)
    words = frozenset(_WORD.findall(fold(text)))
    marks = _marks()
    if words.isdisjoint(marks):
        return ()
    hits = dict.fromkeys(LATIN, 0)
    for word in words:
        for language in marks.get(word, ()):
            hits[language] += 1
    found = sorted((name for name in LATIN if hits[name]), key=lambda name: -hits[name])
    most = hits[found[0]]
    return tuple(name for name in found if hits[name] == most)[:_MOST]


@cache
def _marks() -> Mapping[str, tuple[str, ...]]:
    """Return the words by which a language that is written in Latin letters shows itself."""
    shared = frozenset(fold(load("words")["shared"]).split())
    found: dict[str, tuple[str, ...]] = {}
    for language in LATIN:
        for word in frozenset(_words_of(load(f"languages/{language}"))) - shared:
            found[word] = (*found.get(word, ()), language)
    return found


def _words_of(table: Mapping[str, Any]) -> Iterator[str]:
    for section in ("lists", "words"):
        for text in table[section].values():
            yield from (word for one in phrases(text) for word in _WORD.findall(one))
    for rules in table["rules"].values():
        for text in rules.values():
            for part in _BOUNDS.split(fold(text.partition(" => ")[0])):
                yield from _WORD.findall(part) if part[:1].isalpha() else ()


def add_language(words: dict[str, Any], tables: Mapping[str, dict[str, Any]], name: str) -> None:
    """Put the words and rules of a language beside those that are there."""
    added = load(f"languages/{name}")
    for key, text in added["lists"].items():
        words[key] = f"{words.get(key, '')}\n{text}"
    for key, text in added["words"].items():
        kind, _, group = key.partition(".")
        group_words = tables[kind]["words"]
        group_words[group] = f"{group_words.get(group, '')}\n{text}"
    for kind, rules in added["rules"].items():
        table = tables[kind]
        for rule, text in rules.items():
            table["rules"][rule] = f"{table['rules'].get(rule, '')}\n{text}"
        unneeded = " ".join(rule for rule in rules if rule.endswith("-unneeded"))
        negating = table.setdefault("may_negate", {})
        negating["rules"] = f"{negating.get('rules', '')} {unneeded}"
