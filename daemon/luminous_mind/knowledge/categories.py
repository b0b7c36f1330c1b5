"""What things are for, in everyday words: from `a program to cut films` to the programs.

The knowledge is the project's own, in `data/categories.toml` and `data/tasks.toml`. A category is
meant where each of its groups of words is hit; it counts the more, the more of the query it covers.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from luminous_mind.knowledge.terms import stem, weight_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LATER = 0.12
_SILENT = 0.5
_BESIDE = 0.5
"""Of the best fit: what fits less is not meant beside it."""
_ALONE = 0.5
"""What one word of several hits, or one word that hits several groups, may not be meant."""


@dataclass(frozen=True, slots=True)
class Category:
    """Groups of stems, and the names of what serves, the usual choice first."""

    groups: tuple[frozenset[str], ...]
    members: tuple[str, ...]


class Categories:
    """All categories of one list."""

    def __init__(self, entries: Iterable[Any], key: str) -> None:
        """Take the entries of a file, whose members stand under `key`."""
        entries = list(entries)
        self._words = frozenset(
            word for entry in entries for group in entry["words"] for word in words(group)
        )
        self._categories = [_category(entry, key) for entry in entries]
        self._by_stem: dict[str, set[int]] = defaultdict(set)
        for number, category in enumerate(self._categories):
            for group in category.groups:
                for word in group:
                    self._by_stem[word].add(number)

    @classmethod
    def of_programs(cls) -> Categories:
        """Read what programs are for."""
        return cls(_read("categories.toml")["category"], "members")

    @classmethod
    def of_tasks(cls) -> Categories:
        """Read which options serve everyday tasks."""
        return cls(_read("tasks.toml")["task"], "options")

    @property
    def words(self) -> frozenset[str]:
        """All words by which the categories are known."""
        return self._words

    def meant(self, stems: Sequence[str], silent: Sequence[str] = ()) -> dict[str, float]:
        """Return members that the words of a query may mean, and how well they fit (0 to 1).

        Words that are `silent`, such as `why`, count only where they hit a group beside others.
        """
        asked, beside = set(stems), set(silent)
        found: dict[str, float] = {}
        for number in {number for word in asked for number in self._by_stem.get(word, ())}:
            category = self._categories[number]
            for place, member in enumerate(category.members):
                fit = _fit(category, asked, beside) / (1 + _LATER * place)
                if fit > found.get(member, 0.0):
                    found[member] = fit
        least = _BESIDE * max(found.values(), default=0.0)
        return {member: fit for member, fit in found.items() if fit >= least}


def _fit(category: Category, asked: set[str], beside: set[str]) -> float:
    hits = [(asked | beside) & group for group in category.groups]
    if not all(hits):
        return 0.0
    used = set().union(*hits)
    heard = used & beside
    fit = (_weight(used - heard) + _SILENT * len(heard)) / (_weight(asked) + _SILENT * len(heard))
    is_enough = len(used) > 1 or (fit == 1 and len(hits) == 1)
    return fit if is_enough else fit * _ALONE


def _weight(stems: set[str]) -> float:
    return sum(map(weight_of, stems))


def _category(entry: Any, key: str) -> Category:  # noqa: ANN401 - an entry of a file of ours
    groups = tuple(
        frozenset(stem(word) for item in group.split("|") for word in words(item))
        for group in entry["words"]
    )
    return Category(groups, tuple(entry[key]))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("luminous_mind") / "data" / name).read_text(encoding="utf-8"))
