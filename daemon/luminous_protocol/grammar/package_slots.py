"""Packages in a sentence: names, lists of names, and purposes that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.lexicon import PACKAGE
from luminous_protocol.grammar.readings import Reading, Readings

if TYPE_CHECKING:
    from luminous_protocol.grammar.lexicon import Lexicon
    from luminous_protocol.grammar.readings import SlotWords
    from luminous_protocol.grammar.text import Clause

_LONGEST_NAME = 4
_LONGEST_LIST = 24
_ROLES = frozenset(
    {
        "manager",
        "reader",
        "viewer",
        "recorder",
        "office",
        "emulator",
        "monitor",
        "alternative",
        "processor",
    }
)
_SOFTWARE = frozenset({"package", "program", "app", "application", "thing", "command", "binary"})
_EVERYDAY = 0.85
_BINDING = frozenset({"and", "or", "to", "not", "for", "with", "of", "from", "in", "on", "without"})
_PREFIXES = ("pkgs.", "nixpkgs#", "nixpkgs.", "nixos.")


class PackageNames:
    """Reads gaps that hold packages."""

    def __init__(self, lexicon: Lexicon, words: SlotWords) -> None:
        """Take the names to look up and the words to look past."""
        self._lexicon = lexicon
        self._words = words

    def read(self, clause: Clause, *, is_strong: bool) -> Readings | None:
        """Read a list of packages; only with `is_strong` may names be unknown or everyday words."""
        found: list[Reading] = []
        at, is_joined = 0, True
        while at < len(clause):
            if clause.words[at] in self._words.joiners or clause.words[at] in self._words.articles:
                if clause.words[at] == "i" and not self._begins_name(clause, at + 1):
                    return None  # "and" in Polish, but "install chromium i guess"
                is_joined = is_joined or clause.words[at] in self._words.joiners
                at += 1
                continue
            if len(found) > 1 and at + 1 == len(clause) and clause.words[at] in self._lexicon.nouns:
                break  # "the vim and git packages"
            step = self._name_at(clause, at, is_strong=is_strong)
            if step is None or len(found) == _LONGEST_LIST:
                return None
            reading, at = step
            found.append(reading)
            if not is_joined and not _are_plain([*found[-2:]]):
                return None
            is_joined = False
        if all(reading.certainty == _EVERYDAY for reading in found):
            return None  # "I need a light" is about no package, "I need git and light" may be
        return tuple(found)

    def _begins_name(self, clause: Clause, at: int) -> bool:
        rest = range(1, min(_LONGEST_NAME, len(clause) - at) + 1)
        return any(self._lexicon.package(clause.words[at : at + size]) for size in rest)

    def _name_at(self, clause: Clause, at: int, *, is_strong: bool) -> tuple[Reading, int] | None:
        """Read one package's name standing at `at`; return it and where it ends."""
        start = at
        while start + 1 < len(clause) and clause.words[start] in self._lexicon.nouns:
            if clause.words[start + 1] in self._words.joiners:
                break
            start += 1
        for size in range(min(_LONGEST_NAME, len(clause) - start), 0, -1):
            part = clause.part(start, start + size)
            reading = self._known(part, is_strong=is_strong)
            if reading is not None:
                return reading, self._past_nouns(clause, start + size)
        for size in (2, 1):
            part = clause.part(start, start + size)
            reading = self._guess(part, is_strong=is_strong) if len(part) == size else None
            if reading is not None:
                return reading, self._past_nouns(clause, start + size)
        return None

    def _past_nouns(self, clause: Clause, at: int) -> int:
        """Step over "browser" in "firefox browser", but not "packages" in "npm packages"."""
        for size in (3, 2):
            words = clause.words[at : at + size]
            if (
                len(words) == size
                and self._lexicon.category(words)
                and words[-1] in self._lexicon.nouns
            ):
                return at + size  # "vlc media player"
        if at < len(clause) and clause.words[at] in self._lexicon.nouns:
            return at if clause.words[at].endswith("s") else at + 1
        return at

    def _known(self, part: Clause, *, is_strong: bool) -> Reading | None:
        words = part.words
        if len(words) == 1:
            word = _without_prefix(words[0])
            words = (word.strip('"'),)
            if not is_strong and word in self._lexicon.ordinary:
                attribute = self._lexicon.package(words)
                return Reading({"package": attribute}, _EVERYDAY) if attribute else None
        attribute = self._lexicon.package(words)
        return None if attribute is None else Reading({"package": attribute})

    def _guess(self, part: Clause, *, is_strong: bool) -> Reading | None:
        """Read words that are no known name: a typing error, or a package unknown here."""
        lexicon, word = self._lexicon, "".join(part.words)
        raw = part.raws[0]
        raw = _without_prefix(raw)
        raw = raw[1:-1] if len(raw) > 2 and raw[0] == raw[-1] == '"' else raw  # noqa: PLR2004 - quotes
        taken = lexicon.nouns | self._words.vocabulary
        is_everyday = any(w in lexicon.ordinary or w in taken for w in part.words)
        if is_everyday or part.words[0] in part.things or not PACKAGE.fullmatch(raw) or ".." in raw:
            return None
        repaired = lexicon.repaired_package(word) if word.isalpha() or "-" in word else None
        if repaired is not None:
            typed = {"package": word}
            return Reading({"package": repaired}, 0.8, f"reading {word!r} as {repaired!r}", typed)
        if not is_strong or len(part) > 1 or lexicon.is_option(raw) or not is_name(raw):
            return None
        kept = raw if "." in raw else raw.lower()
        return Reading({"package": kept}, 0.7, f"{kept!r} is not among the best known packages")

    def read_one(self, clause: Clause) -> Readings | None:
        """Read exactly one package."""
        found = self.read(clause, is_strong=True)
        return found if found is not None and len(found) == 1 else None

    def sought(self, clause: Clause) -> Readings | None:
        """Read exactly one package as the words to search for."""
        found = self.read_one(clause)
        if found is None:
            return None
        return (Reading({"query": self._words.bare(clause).text().lower()}, found[0].certainty),)

    def one(self, words: tuple[str, ...]) -> str | None:
        """Return the singular of "music players"; None for what names no kind of program."""
        last = words[-1].removesuffix("s")
        is_kind = last != words[-1] and last in (self._lexicon.nouns | _ROLES) - _SOFTWARE
        return " ".join((*words[:-1], last)) if is_kind else None

    def singular(self, words: tuple[str, ...]) -> str | None:
        """Return what is sought in the singular, when it names a kind of program."""
        return self._lexicon.category(words) or self.one(words)

    def category(self, clause: Clause) -> Readings | None:
        """Read a purpose, or two joined by "and"."""
        aside = self._words.articles | self._words.adjectives
        words = tuple(w for w in clause.words if w not in aside)
        whole = self._purpose(words)
        if whole is not None:
            return (Reading({"category": whole}, 0.9),)
        for at, word in enumerate(words):
            if word in self._words.joiners:
                first, second = self._purpose(words[:at]), self._purpose(words[at + 1 :])
                if first and second:
                    return (Reading({"category": f"{first} and {second}"}, 0.8),)
        return None

    def kind(self, clause: Clause) -> Readings | None:
        """Read a purpose that is named as a program ("browser"), not as a thing to do."""
        if not len(clause) or clause.words[-1] not in self._lexicon.nouns | _ROLES:
            return None
        name = self._lexicon.category(self._words.bare(clause).words)
        return None if name is None else (Reading({"category": name}, 0.8),)

    def _purpose(self, words: tuple[str, ...]) -> str | None:
        """Look a purpose up, if need be without what is said about whom or where it is for."""
        found = self._lexicon.category(words)
        for at, word in enumerate(words):
            if found is None and at and word in {"with", "for", "on", "in", "at", "from"}:
                found = self._lexicon.category(words[:at])
                if found and any(self._is_name(word) for word in words[at + 1 :]):
                    return None  # "code in python" names more than a purpose
        for at in range(1, len(words) - 1):
            if found is None and words[at] in self._lexicon.ordinary - _BINDING:
                found = self._lexicon.category((*words[:at], *words[at + 1 :]))
        return found

    def _is_name(self, word: str) -> bool:
        return word in self._lexicon.packages and word not in self._lexicon.ordinary


def _without_prefix(word: str) -> str:
    for prefix in _PREFIXES:
        word = word.removeprefix(prefix)
    return word


def _are_plain(readings: list[Reading]) -> bool:
    """Say whether neighbours without a comma or "and" between them are surely two names."""
    return not any(reading.remark for reading in readings)


def is_name(raw: str) -> bool:
    """Say whether an unknown word looks like a name: more than digits, and not too short."""
    return len(raw) > 1 and not raw.isdecimal() and any(c.isalpha() for c in raw)
