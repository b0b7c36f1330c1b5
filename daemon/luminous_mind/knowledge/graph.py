"""The graph of references: which options name which packages, which passages name which options.

How much a document is referred to says how likely it is meant (PageRank: Page et al., 1999).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.knowledge.documents import MANUAL, OPTION, PACKAGE
from luminous_mind.knowledge.terms import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from luminous_mind.knowledge.documents import Document

_DAMPING = 0.85
_ROUNDS = 40
_PACKAGE = re.compile(r"\bpkgs\.([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)")
_OPTION = re.compile(r"\b[a-z][A-Za-z0-9-]*(?:\.(?:[A-Za-z0-9_-]+|<name>|\*|\"[^\"\s]+\"))+")
_SWITCH = "enable"


def ranks_of(documents: Sequence[Document]) -> NDArray[np.float32]:
    """Return the rank of each document: 0 where nothing refers to it, and 1 for the first."""
    edges = np.array(sorted(set(_references(documents))), np.int32).reshape(-1, 2)
    ranks = _page_rank(edges, len(documents))
    floor = float(ranks.min()) if len(ranks) else 1.0
    scaled = np.log1p((ranks / floor - 1.0).clip(0))
    highest = max(float(scaled.max(initial=0.0)), 1e-9)
    found: NDArray[np.float32] = (scaled / highest).astype(np.float32)
    return found


def _references(documents: Sequence[Document]) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows, of which the first names the second."""
    packages = {item.name: row for row, item in enumerate(documents) if item.kind == PACKAGE}
    options = {item.name: row for row, item in enumerate(documents) if item.kind == OPTION}
    folded_packages = {folded(name): row for name, row in packages.items() if "." not in name}
    for row, document in enumerate(documents):
        if document.kind == OPTION:
            yield from _of_option(row, document, packages, folded_packages)
        if document.kind == MANUAL:
            for name in set(_OPTION.findall(document.text)):
                target = options.get(name, options.get(f"{name}.{_SWITCH}", -1))
                if target >= 0:
                    yield row, target
        if document.kind in {MANUAL, OPTION}:
            for name in set(_PACKAGE.findall(document.text)):
                if name in packages:
                    yield row, packages[name]


def _of_option(
    row: int, option: Document, packages: Mapping[str, int], folded_packages: Mapping[str, int]
) -> Iterator[tuple[int, int]]:
    for text in (option.facts.get("default", ""), option.facts.get("example", "")):
        for name in set(_PACKAGE.findall(text)):
            if name in packages:
                yield row, packages[name]
    parts = option.name.split(".")
    if parts[-1] == _SWITCH and len(parts) > 2 and "<name>" not in parts:  # noqa: PLR2004 - services.X.enable
        target = folded_packages.get(folded(parts[-2]))
        if target is not None:  # the module and its program stand for one another
            yield row, target
            yield target, row


def _page_rank(edges: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    if not count:
        return np.zeros(0)
    leaving = np.bincount(edges[:, 0], minlength=count)
    ranks = np.full(count, 1 / count)
    for _ in range(_ROUNDS):
        given = np.where(leaving > 0, ranks / np.maximum(leaving, 1), 0)
        arriving = np.bincount(edges[:, 1], weights=given[edges[:, 0]], minlength=count)
        idle = ranks[leaving == 0].sum() / count
        ranks = (1 - _DAMPING) / count + _DAMPING * (arriving + idle)
    return ranks
