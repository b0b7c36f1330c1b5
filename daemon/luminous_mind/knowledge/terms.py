"""Terms: what names and sentences are cut into, for the index and for queries alike.

A name such as `services.caddy.openFirewall` or `systemd-boot` gives its words, and each of its
parts written together, so that `open firewall`, `openFirewall` and `openfirewall` find one another.
Words are reduced to their stems (Snowball's English stemmer, https://snowballstem.org).
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import Stemmer

_PART = re.compile(r"[^\W_](?:[\w+-]*[^\W_])?")
# Of an acronym before a word (TCPPorts) the last letter begins the word.
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_UNNAMED = re.compile(r"[\W_]")
_WORDS = tomllib.loads((files("luminous_mind") / "data/words.toml").read_text(encoding="utf-8"))
_SILENT = frozenset(_WORDS["silent"].split())
_stemmer = Stemmer.Stemmer("english")
LONGEST = 512
"""Characters of a query that are read; nobody types more, and a paste says it at its beginning."""


def words(text: str) -> list[str]:
    """Return the words of a name or sentence in their order, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


def parts(text: str) -> list[str]:
    """Return what stands between dots and spaces, in small letters and without its hyphens."""
    return [re.sub(r"[\W_]", "", part).lower() for part in _PART.findall(text)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the stem of a word."""
    return str(_stemmer.stemWord(word))


_WEAK_STEMS = frozenset(map(stem, _WORDS["weak"].split()))


def terms(text: str) -> list[str]:
    """Return the terms of a document's field: stems, and parts of several words as one."""
    found = []
    for part in _PART.findall(text):
        inner = words(part)
        found += [stem(word) for word in inner]
        if len(inner) > 1:
            found.append("".join(inner))
    return found


def query_terms(text: str) -> list[str]:
    """Return the terms of a query, without those that say nothing, each once.

    Neighbours are also tried as one word, as in `open firewall`.
    """
    inner = words(text)
    telling = [word for word in inner if word not in _SILENT] or inner
    found = [stem(word) for word in telling]
    found += ["".join(pair) for pair in pairwise(inner)]
    found += [part for part in parts(text) if part not in telling]
    return list(dict.fromkeys(found))


def telling(text: str) -> list[str]:
    """Return the stems of the words that say something; of all words where none does."""
    inner = words(text)
    return list(dict.fromkeys(stem(w) for w in inner if w not in _SILENT)) or [
        stem(w) for w in inner
    ]


def silent(text: str) -> list[str]:
    """Return the stems of the words that say nothing, where others do."""
    inner = words(text)
    found = list(dict.fromkeys(stem(word) for word in inner if word in _SILENT))
    return found if any(word not in _SILENT for word in inner) else []


def weight_of(word: str) -> float:
    """Return how much a stem says: what is to be done says less than with what."""
    return 0.25 if word in _WEAK_STEMS else 1.0


def folded(name: str) -> str:
    """Return a name as names are compared: its letters and digits alone, in small."""
    return (name if name.isalnum() else _UNNAMED.sub("", name)).lower()
