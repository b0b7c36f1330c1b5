"""Suggestions: the names that a message itself offers in the place of a wrong one."""

from __future__ import annotations

import re
from math import ceil

from luminous_protocol.grammar.distance import osa

_OFFERED = re.compile(r"[Dd]id you mean ([^\n?]{1,600})\??")
_NAME = re.compile(r"'([^'\n]{1,200})'|([A-Za-z_][\w.'\"<>-]{0,199})")
_WORDS = frozenset({"one", "of", "or", "to", "use", "the", "and", "instead"})
_FARTHEST = 0.4
"""Share of letters that may differ: a list of siblings is no list of what may have been meant."""


def suggested_in(text: str, wrong: str, new: str = "") -> tuple[str, ...]:
    """Return the names that a message offers for `wrong` and that are like it, the best first."""
    if new:
        return (new,)
    found = _OFFERED.search(text)
    if not found:
        return ()
    offered = [quoted or bare for quoted, bare in _NAME.findall(found[1])]
    return alike(wrong, [name for name in offered if name not in _WORDS])


def alike(wrong: str, names: list[str]) -> tuple[str, ...]:
    """Return the names that a slip of the hand could have made `wrong` of, the nearest first."""
    rated = [(_rate(wrong, name), name) for name in names]
    return tuple(
        name for rate, name in sorted(rated, key=lambda item: item[0]) if rate <= _FARTHEST
    )


def _rate(wrong: str, name: str) -> float:
    """Return the share of letters that differ; of names that are too unlike, some share above."""
    length = max(len(_differing(wrong, name)), 1)
    return osa(wrong.lower(), name.lower(), ceil(_FARTHEST * length)) / length


def _differing(wrong: str, name: str) -> str:
    """Return the longer one of what follows the parts that both names begin with."""
    left, right = wrong.split("."), name.split(".")
    while len(left) > 1 and len(right) > 1 and left[0] == right[0]:
        left, right = left[1:], right[1:]
    return max(".".join(left), ".".join(right), key=len)
