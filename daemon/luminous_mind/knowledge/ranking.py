"""Ranking: what makes one document a better answer than another, for each kind.

Each feature is between 0 and about 1; its weight says what it is worth. A name that is exactly what
was asked for goes before everything, a thing's switch before what can be set of it, a program
before libraries and variants of the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from luminous_mind.knowledge.documents import HOME_MANAGER
from luminous_mind.knowledge.terms import folded, stem, terms, weight_of, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.query import Query

    Words = Mapping[str, float]

_SWITCH = "enable"
_LEAST_SHARE = 0.25
# Where things are kept says little about what they are.
_ROOMS = frozenset(
    (
        *("services", "programs", "virtualisation", "hardware", "networking", "boot", "config"),
        *("environment", "security", "users", "system", "nix", "settings"),
    )
)
_PLACEHOLDERS = frozenset(("<name>", "*"))
# Sets of libraries and extensions for one program or language: rarely meant by somebody who does
# not name it.
_SETS = re.compile(
    r"(?:Packages(?:_\w+)?|Plugins|Extensions|extensions|grammars|-data|Dicts|providers|libretro|"
    r"plugins|astal|chickenEggs|emacs\w*|typst\w*)$"
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w.])")
# What asks for an explanation, and not for something to do.
_EXPLAIN = re.compile(
    r"(?:why|explain|how (?:does|do the|are|is|come)|what(?:'s| is| are| does| do)|difference)\b"
)
_VARIANT = re.compile(
    r"unwrapped|_\d|-\d|\d$|[mM]inimal|Full|nightly|beta|-bin$|-wrapped|with-plugins|-git$"
)


class Evidence(NamedTuple):
    """What is known of a document beside its text: scores of retrievers, each 0 to 1."""

    lexical: float = 0.0
    named: float = 0.0
    category: float = 0.0
    dense: float = 0.0
    rank: float = 0.0
    share: float = 0.0
    """Of the query's words those that the document has anywhere, rare ones counting more."""

    def at_first_sight(self) -> float:
        """Return roughly how good it is, without a look at the document."""
        found = 1.6 * self.lexical + 2.6 * self.named + 3.0 * self.category + 1.6 * self.dense
        return found + self.rank

    def is_fitting(self) -> bool:
        """Tell whether it may be an answer: a word of a long question makes none."""
        return self.share >= _LEAST_SHARE or max(self.named, self.category, self.dense) > 0


def weigh(query: Query, rarity: Callable[[str], float]) -> Words:
    """Return how much each of the query's words says, which a rare one does more."""
    return {word: rarity(word) * weight_of(word) for word in query.stems}


def score_option(query: Query, option: Document, evidence: Evidence, words: Words) -> float:
    """Return how good an answer an option is."""
    shape = _shape(option.name)
    covered = _covered(query, shape.terms, words)
    tight = _share(query, shape.own)
    score = 1.6 * evidence.lexical + 1.0 * tight * covered
    score += 2.0 * max(covered, 0.6 * evidence.share)
    score += _as_option(query, option.name, shape) + _beginning(query, option.name)
    if shape.is_switch and _SWITCH not in query.stems:
        score += 0.2 + 0.6 * tight
    score -= 0.12 * max(0, shape.depth - 3) + 0.3 * shape.has_placeholder
    score -= _remoteness(query, option)
    if query.is_single:
        score += 2.2 * evidence.named * (1.0 if shape.is_switch else 0.6)
        score += 2.5 * evidence.category  # what most people mean goes before what is called so
    return score + 4.0 * evidence.category + _meaning(query, evidence) + 0.5 * evidence.rank


def score_package(query: Query, package: Document, evidence: Evidence, words: Words) -> float:
    """Return how good an answer a package is."""
    last, pname = folded(package.name.rpartition(".")[2]), folded(package.facts.get("pname", ""))
    in_name = _terms_of(package.name.rpartition(".")[2]) | _terms_of(package.facts.get("pname", ""))
    named = _covered(query, in_name, words)
    covered = max(named, 0.2 * named + 0.8 * evidence.share)
    score = 1.6 * evidence.lexical + 1.2 * covered + 0.8 * _share(query, in_name) * covered
    if package.name.lower() == query.dotted:
        score += 5.0
    elif query.whole in {last, pname}:
        score += 3.0 if query.whole == last else 2.5
    elif query.is_single:
        score += 2.6 * evidence.named + 1.5 * evidence.category
    score += _as_version(query, package.facts.get("version", "")) * named
    score += 1.4 * evidence.rank - _distance(query, package.name)
    return score + 3.2 * evidence.category + _meaning(query, evidence)


def score_passage(query: Query, passage: Document, evidence: Evidence, words: Words) -> float:
    """Return how good an answer a passage of a manual is."""
    titled = _covered(query, _terms_of(passage.title), words)
    covered = max(titled, 0.2 * titled + 0.8 * evidence.share)
    score = 1.6 * evidence.lexical + 1.2 * covered + 1.6 * evidence.dense
    return score + 0.6 * bool(_EXPLAIN.match(query.dotted))


def score_command(query: Query, command: Document, evidence: Evidence, _: Words) -> float:
    """Return how good an answer a command is: it is one to what it is for, seldom to a word."""
    if query.dotted.startswith(command.name.lower()):
        return 5.0
    return 1.2 * evidence.lexical * evidence.share + 4.4 * evidence.category


def _meaning(query: Query, evidence: Evidence) -> float:
    """Return what it is worth that a document means the same: nothing where a name was typed."""
    return 0.0 if query.is_single else 1.0 * evidence.dense


@dataclass(frozen=True, slots=True)
class _Shape:
    """An option's name, taken apart once."""

    terms: frozenset[str]
    own: frozenset[str]
    base: tuple[str, ...]
    leaf: str
    is_switch: bool
    has_placeholder: bool
    depth: int


@lru_cache(maxsize=30_000)
def _shape(name: str) -> _Shape:
    parts = name.split(".")
    is_switch = parts[-1] == _SWITCH
    base = parts[:-1] if is_switch else parts
    own = {
        stem(word)
        for part in base
        if part.lower() not in _ROOMS and not part.startswith("<")
        for word in words(part)
    }
    return _Shape(
        frozenset(terms(name)),
        frozenset(own),
        tuple(folded(part) for part in base),
        folded(parts[-1]),
        is_switch,
        any(part in _PLACEHOLDERS for part in parts),
        len(parts),
    )


def _as_option(query: Query, name: str, shape: _Shape) -> float:
    """Return what it is worth that the query is the option's name, or the end of it."""
    if name.lower() == query.dotted:
        return 6.0
    if "".join(shape.base) == query.whole:
        return 4.0
    if shape.base and shape.base[-1] == query.whole:
        return 2.5 if shape.is_switch else 1.0
    return 2.0 if shape.leaf == query.whole else 0.0


def _beginning(query: Query, name: str) -> float:
    return 1.5 if "." in query.dotted and name.lower().startswith(f"{query.dotted}.") else 0.0


def _remoteness(query: Query, option: Document) -> float:
    """Return how far an option is from the machine's own: another's alias, or a user's."""
    if option.source == HOME_MANAGER and "home" not in query.stems:
        return 1.0
    return 0.5 if option.text.startswith("Alias of") else 0.0


def _as_version(query: Query, version: str) -> float:
    """Return what it is worth that a version was asked for, as in `ruby 3.3`, and is this one."""
    asked = _NUMBER.findall(query.dotted)
    return 1.0 if any(f"{version}.".startswith(f"{number}.") for number in asked) else 0.0


def _distance(query: Query, name: str) -> float:
    """Return how far a package is from what people install by name."""
    distance = 0.5 if _VARIANT.search(name) and not _VARIANT.search(query.text) else 0.0
    package_set, dot, _ = name.partition(".")
    if not dot:
        return distance
    is_asked_for = any(len(word) > 1 and word in package_set.lower() for word in words(query.text))
    if _SETS.search(package_set) and not is_asked_for:
        return distance + 1.3
    return distance + 0.4


@lru_cache(maxsize=60_000)
def _terms_of(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _covered(query: Query, found: frozenset[str], words: Words) -> float:
    """Return the share of the query that stands in a name, rare words counting more."""
    hits = {word: 1.0 for word in query.stems if word in found}
    for term, (of, likeness) in query.variants.items():
        if term in found and likeness > hits.get(of, 0.0):
            hits[of] = likeness
    total = sum(words.values())
    covered = sum(words.get(word, 0.0) * share for word, share in hits.items())
    return covered / total if total else 0.0


def _share(query: Query, own: Iterable[str]) -> float:
    """Return the share of a name's own words that was asked for."""
    own = set(own)
    asked = {word for word in own if word in query.stems or word in query.variants}
    return len(asked) / len(own) if own else 0.0
