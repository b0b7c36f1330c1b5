"""Suppositions: `if I removed git` said as the request that it supposes, `remove git`."""

from __future__ import annotations

import re

_START = re.compile(
    r"^(?:what(?: (?:would|will|could) (?:happen|change))?\s+(?=if |when ))?(?:(?:if|when|by)\s+)?"
    r"(?:(?:i|we|you|somebody|someone|one)\s+)?"
    r"(?:(?:were to|was to|would|did|do|try to|tried to|just|simply)\s+)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_BASES = {
    "rolled": "roll",
    "went": "go",
    "took": "take",
    "got": "get",
    "set": "set",
    "put": "put",
    "added": "add",
    "undid": "undo",
    "did": "do",
    "made": "make",
    "ran": "run",
    "freed": "free",
    "removing": "remove",
    "deleting": "delete",
    "enabling": "enable",
    "disabling": "disable",
    "updating": "update",
    "upgrading": "upgrade",
    "changing": "change",
    "setting": "set",
    "getting": "get",
    "rebuilt": "rebuild",
    "rebuilding": "rebuild",
    "purged": "purge",
}
_WITH_E = frozenset(
    {
        "remov",
        "delet",
        "enabl",
        "disabl",
        "updat",
        "upgrad",
        "chang",
        "configur",
        "activat",
        "deactivat",
        "purg",
        "eras",
        "clos",
        "us",
        "downgrad",
        "reduc",
        "increas",
    }
)


def imperative(text: str) -> str:
    """Return the request that a supposition is about; a plain request as it is."""
    bare = _START.sub("", text.strip().rstrip("?"), count=1).strip()
    found = _WORD.match(bare)
    if not found:
        return text.strip()
    return base_of(found[0]) + bare[found.end() :]


def base_of(word: str) -> str:
    """Return the base of a verb in the past or in -ing: `removed` is of `remove`."""
    lower = word.lower()
    if lower in _BASES:
        return _BASES[lower]
    for ending in ("ed", "ing"):
        stem = lower.removesuffix(ending)
        if stem == lower or len(stem) < 3:  # noqa: PLR2004 - no verb is left
            continue
        if stem in _WITH_E:
            return f"{stem}e"
        if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls":  # noqa: PLR2004 - stopped
            return stem[:-1]
        return stem
    return word
