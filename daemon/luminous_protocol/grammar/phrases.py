"""Phrases: word classes of the grammar, found by their first word.

A phrase may be a template: `on|in this|that? back_room` stands for "on back room", "in this back
room" and so on. Templates are matched as they stand; writing them out would take too long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.grammar.text import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, KeysView


_BOUNDS = re.compile("[ |_?]+")


class Place(NamedTuple):
    """One place of a template: the runs of words that may stand there."""

    choices: tuple[tuple[str, ...], ...]
    is_optional: bool


class Phrases:
    """A word class: phrases of one or more words."""

    def __init__(self, phrases: Callable[[], Iterable[str]]) -> None:
        """Take what returns the phrases; it is asked when the class is first looked at."""
        self._phrases = phrases
        self._found: dict[str, list[str]] | None = None
        self._plain: dict[str, list[tuple[str, ...]]] = {}
        self._templates: dict[str, list[tuple[Place, ...]]] = {}

    @property
    def _by_first(self) -> dict[str, list[str]]:
        if self._found is not None:
            return self._found
        found: dict[str, list[str]] = {}
        for text in self._phrases():
            first = text.partition(" ")[0]
            if first in EMPTY or "|" in first or "?" in first:
                for word in _firsts(_places(text)):
                    found.setdefault(word, []).append(text)
            elif first:
                found.setdefault(first, []).append(text)
        self._found = found
        return found

    def _prepare(self, word: str) -> list[tuple[str, ...]]:
        """Cut the phrases that begin with `word` into words; return the plain ones."""
        plain: set[tuple[str, ...]] = set()
        templates: list[tuple[Place, ...]] = []
        for text in self._by_first.get(word, ()):
            if "|" in text or "?" in text:
                templates.append(_places(text))
            else:
                plain.add(tuple(part for part in text.split() if part not in EMPTY))
        self._templates[word] = templates
        self._plain[word] = sorted(plain, key=len, reverse=True)
        return self._plain[word]

    @property
    def firsts(self) -> KeysView[str]:
        """The words with which phrases begin."""
        return self._by_first.keys()

    def starts_with(self, word: str) -> bool:
        """Say whether any phrase begins with `word`."""
        return word in self._by_first

    def texts(self) -> list[str]:
        """Return the phrases as they are written, each once."""
        return list(dict.fromkeys(text for same in self._by_first.values() for text in same))

    def words(self) -> set[str]:
        """Return every word of every phrase."""
        found: set[str] = set()
        for text in self.texts():
            is_template = "|" in text or ("?" in text and len(text) > 1)
            found.update(_BOUNDS.split(text) if is_template else text.split())
        return found - EMPTY - {""}

    def singles(self) -> list[str]:
        """Return the phrases that are one word."""
        return [first for first, texts in self._by_first.items() if first in texts]

    def lengths(self, words: tuple[str, ...], at: int) -> list[int]:
        """Return how many tokens the phrases standing at `at` cover, longest first."""
        if at >= len(words):
            return []
        first = words[at]
        if first not in (self._found if self._found is not None else self._by_first):
            return []
        same = self._plain.get(first)
        if same is None:
            same = self._prepare(first)
        found = [len(phrase) for phrase in same if words[at : at + len(phrase)] == phrase]
        templates = self._templates[first]
        if templates:
            ends = {end for template in templates for end in _ends(template, words, at)}
            ends.discard(at)
            found = sorted({*found, *(end - at for end in ends)}, reverse=True)
        return found


def mirrored(texts: Iterable[str]) -> list[str]:
    """Write phrases backwards, to find them from the end of a sentence."""
    return [" ".join(map(_mirrored, reversed(text.split()))) for text in texts]


def _mirrored(part: str) -> str:
    if "_" not in part:
        return part
    body, mark = (part[:-1], "?") if part[-1] == "?" else (part, "")
    return "|".join("_".join(reversed(choice.split("_"))) for choice in body.split("|")) + mark


def _places(text: str) -> tuple[Place, ...]:
    places: list[Place] = []
    for part in text.split():
        is_optional = len(part) > 1 and part[-1] == "?"
        body = part[:-1] if is_optional else part
        split = ([w for w in one.split("_") if w not in EMPTY] for one in body.split("|"))
        choices = tuple(tuple(words) for words in split if words)
        if choices:
            places.append(Place(choices, is_optional))
    return tuple(places)


def _firsts(places: tuple[Place, ...]) -> set[str]:
    found: set[str] = set()
    for place in places:
        found.update(choice[0] for choice in place.choices)
        if not place.is_optional:
            break
    return found


def _ends(template: tuple[Place, ...], words: tuple[str, ...], at: int) -> set[int]:
    """Return where the template may end that begins at `at`."""
    ends = {at}
    for place in template:
        after = {
            start + len(choice)
            for start in ends
            for choice in place.choices
            if words[start : start + len(choice)] == choice
        }
        ends = ends | after if place.is_optional else after
        if not ends:
            break
    return ends
