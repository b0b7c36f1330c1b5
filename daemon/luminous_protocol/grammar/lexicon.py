"""The lexicon: names of packages, services, settings and purposes, and repair of typing errors."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from luminous_protocol.grammar.distance import letters, nearest
from luminous_protocol.grammar.tables import entries, load, pairs, phrases
from luminous_protocol.grammar.text import fold

_Entry = TypeVar("_Entry")

PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")
"""What a package word may look like."""

OPTION = re.compile(
    r"[A-Za-z][\w-]*(?:\.(?:[A-Za-z_][\w-]*|[0-9]+|\"[\w@./:+-]{1,80}\"|<name>)){1,12}"
)
"""What an option path may look like."""


class Service(NamedTuple):
    """Something that is switched on and off."""

    name: str
    option: str
    boot: str


class Setting(NamedTuple):
    """An option that has an everyday name; `form` says how its value is spoken."""

    option: str
    form: str


class Lexicon:
    """Names and what they stand for. Keys are folded, words separated by one space."""

    def __init__(self) -> None:
        """Load the packaged tables; what only few sentences need is read when it is needed."""
        self._packages, self._settings = load("packages"), load("settings")
        self.packages = _names(self._packages["names"]) | pairs(self._packages["aliases"])
        self.services = _services(load("services")["services"])
        self.roots = frozenset(self._settings["roots"].split())
        self.nouns = frozenset(phrases(self._packages["nouns"]))
        self.values = {form: pairs(table) for form, table in self._settings["values"].items()}

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Attributes of the best known packages."""
        return frozenset(self.packages.values())

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words of everyday language."""
        return frozenset(fold(self._packages["ordinary"]).split())

    @cached_property
    def languages(self) -> frozenset[str]:
        """Names of languages to program in."""
        return frozenset(self._packages["languages"].split())

    @cached_property
    def domain(self) -> frozenset[str]:
        """Words that show that a sentence is about software or this machine."""
        return frozenset(phrases(self._packages["domain"]))

    @cached_property
    def categories(self) -> dict[str, str]:
        """What packages are for: stemmed phrases to the purpose's name."""
        return {
            phrase: name
            for name, same in entries(self._packages["categories"])
            for phrase in (_stems(fold(name)), *map(_stems, same))
        }

    @cached_property
    def settings(self) -> dict[str, Setting]:
        """Everyday names of options."""
        found = self._named("settings")
        return {phrase: Setting(*name.split()) for phrase, name in found.items()}

    @cached_property
    def subjects(self) -> dict[str, str]:
        """Everyday names of whole parts of a configuration."""
        return self._named("subjects")

    @cached_property
    def switches(self) -> dict[str, str]:
        """Phrases that mean an option and its value."""
        return self._named("switches")

    @cached_property
    def problems(self) -> list[tuple[str, list[list[str]]]]:
        """Kinds of trouble, each with the sets of words that show it."""
        found = entries(self._settings["problems"])
        return [(name, [*map(str.split, same)]) for name, same in found]

    def _named(self, table: str) -> dict[str, str]:
        return {p: name for name, same in entries(self._settings[table]) for p in same}

    def package(self, words: tuple[str, ...]) -> str | None:
        """Return the attribute of a package named by these words, spelt right."""
        return _lookup(self.packages, words)

    def service(self, words: tuple[str, ...]) -> Service | None:
        """Return the service named by these words, spelt right."""
        return _lookup(self.services, words)

    @cached_property
    def _package_letters(self) -> dict[str, int]:
        return {name: letters(name) for name in self.packages if " " not in name}

    @cached_property
    def _service_letters(self) -> dict[str, int]:
        return {name: letters(name) for name in self.services if " " not in name}

    @lru_cache(maxsize=512)  # noqa: B019 - there is one lexicon and it lives as long as the process
    def repaired_package(self, word: str) -> str | None:
        """Return the attribute of the package that `word` most likely misspells."""
        found = nearest(word, self._package_letters)
        return self.packages[found] if found else None

    @lru_cache(maxsize=512)  # noqa: B019 - as above
    def repaired_service(self, word: str) -> Service | None:
        """Return the service that `word` most likely misspells."""
        found = nearest(word, self._service_letters)
        return self.services[found] if found else None

    def category(self, words: tuple[str, ...]) -> str | None:
        """Return the purpose that these words name, whatever their endings."""
        return self.categories.get(_stems(" ".join(words)))

    def is_domain(self, words: tuple[str, ...]) -> bool:
        """Say whether any of the words belongs to computers of this kind."""
        return any(
            word in self.domain
            or word in self.packages
            or word in self.services
            or ("." in word and self.is_option(word))
            for word in (*words, *map(" ".join, pairwise(words)))
        )

    def problem(self, words: tuple[str, ...]) -> str | None:
        """Return the kind of trouble of which `words` speak, when it is one of the known kinds."""
        present = frozenset(words)
        for name, signs in self.problems:
            if any(present.issuperset(sign) for sign in signs):
                return name
        return None

    def is_option(self, raw: str) -> bool:
        """Say whether a word as typed has the shape and the beginning of an option's name."""
        return raw.split(".", 1)[0] in self.roots and OPTION.fullmatch(raw) is not None


def _names(text: str) -> dict[str, str]:
    return {fold(name): name for name in text.split()}


def _stems(phrase: str) -> str:
    """Take the endings off words, so that "editing photos" and "edit a photo" are the same."""
    return " ".join(map(_stem, phrase.split()))


@lru_cache(maxsize=2048)
def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):  # noqa: PLR2004 - "is", "as"
        word = word[:-1]
    if len(word) > 5 and word.endswith("ing"):  # noqa: PLR2004 - "sing" keeps its end
        word = word[:-3]
    word = word.removesuffix("e")
    return word[:-1] if len(word) > 2 and word[-1] == word[-2] else word  # noqa: PLR2004 - keep two


def _services(text: str) -> dict[str, Service]:
    found: dict[str, Service] = {}
    for head, same in entries(text):
        name, option, *off = head.split()
        service = Service(name, option, off[0] if off else option)
        for phrase in (fold(name), *same):
            found[phrase] = service
    return found


def _lookup(table: dict[str, _Entry], words: tuple[str, ...]) -> _Entry | None:
    found = table.get(" ".join(words))
    if found is None and len(words) > 1:
        found = table.get("-".join(words)) or table.get("".join(words))
    return found
