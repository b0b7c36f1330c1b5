"""Masking: names in a sentence, each replaced by one of its kind that always stands for it.

What is asked for does not depend on which program it is asked of, and encoders know few programs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from luminous_protocol.grammar.tables import source
from luminous_protocol.grammar.text import clean, tokenise, unquoted
from luminous_protocol.grammar.vocabulary import vocabulary

if TYPE_CHECKING:
    from luminous_protocol.grammar.lexicon import Service
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary

_LONGEST_NAME: Final = 4
_SHORTEST: Final = 3
_PACKAGE, _SERVICE, _OPTION, _NUMBER, _ZONE = "firefox", "nginx", "services.x.y", "42", "london"
_JOINING: Final = frozenset({",", "and", "plus", "und", "et", "y", "e"})
_DIGITS: Final = re.compile(r"#?\d+(?:st|nd|rd|th)?")
_ZONES: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+")
_TABLES: Final = ("words", "packages", "services", "settings")


def digest() -> str:
    """Return what changes when the words or names do by which sentences are masked."""
    return hashlib.sha256("\n".join(map(source, _TABLES)).encode()).hexdigest()


class Catalogue(Protocol):
    """Names of the packages that there are."""

    def package(self, word: str, /) -> str:
        """Return the attribute of the package with this name, or nothing."""


class NoCatalogue:
    """A catalogue of which nothing is known."""

    def package(self, _word: str) -> str:
        """Know none."""
        return ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a sentence: what it may be, and where the words stand."""

    start: int
    end: int
    package: str = ""
    service: Service | None = None
    source: str = "the grammar's lists"

    @property
    def is_running(self) -> bool:
        """Whether it is of something that runs by itself: programs are opened by people."""
        return self.service is not None and not self.service.option.startswith("programs.")


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence as it was said, as it is compared, and the names in it, in order."""

    clause: Clause
    text: str
    mentions: tuple[Mention, ...]


class Masking:
    """Masks sentences."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know the grammar's names, and those of a catalogue."""
        self._catalogue = catalogue

    def mask(self, text: str) -> Masked:
        """Return the sentence without its punctuation, and with its names masked."""
        words = vocabulary()
        syllables: frozenset[str] = frozenset() if text.isascii() else words.syllables
        clause = tokenise(unquoted(clean(text.strip())), words.contractions, syllables)
        mentions = tuple(self._mentions(clause, words))
        return Masked(clause, " ".join(_spelt(clause, mentions, words)), mentions)

    def _mentions(self, clause: Clause, words: Vocabulary) -> list[Mention]:
        found: list[Mention] = []
        at = 0
        while at < len(clause):
            mention = self._at(clause, at, words)
            if mention is not None:
                found.append(mention)
            at = mention.end if mention else at + 1
        return found

    def _at(self, clause: Clause, at: int, words: Vocabulary) -> Mention | None:
        """Return the longest name that begins at a place."""
        lexicon = words.lexicon
        for size in range(min(_LONGEST_NAME, len(clause) - at), 0, -1):
            run = clause.words[at : at + size]
            service = lexicon.service(run)
            package = lexicon.package(run) or ""
            is_everyday = size == 1 and (
                run[0] in lexicon.ordinary or run[0] in words.known or len(run[0]) < _SHORTEST
            )
            if is_everyday:
                package = ""
            if service is not None or package:
                return Mention(at, at + size, package, service)
        word = clause.words[at]
        if len(word) < _SHORTEST or word in words.known or word in lexicon.ordinary:
            return None
        package = self._catalogue.package(clause.raws[at])
        return Mention(at, at + 1, package, None, "the catalogue") if package else None


def _spelt(clause: Clause, mentions: tuple[Mention, ...], words: Vocabulary) -> list[str]:
    begins = {mention.start: mention for mention in mentions}
    found: list[str] = []
    at = 0
    while at < len(clause):
        mention = begins.get(at)
        if mention:
            mask = _SERVICE if mention.is_running else _PACKAGE
            is_list = found[-2:-1] == [mask] and found[-1] in _JOINING
            found = found[:-1] if is_list else [*found, mask]
            at = mention.end
            continue
        found.append(_plain(clause, at, words))
        at += 1
    return [word for word in found if word not in {".", "!", "?", ",", ";", ":", '"'}]


def _plain(clause: Clause, at: int, words: Vocabulary) -> str:
    word, raw = clause.words[at], clause.raws[at]
    if _DIGITS.fullmatch(word):
        return _NUMBER
    if "." in word and words.lexicon.is_option(raw):
        return _OPTION
    return _ZONE if _ZONES.fullmatch(raw) else word
