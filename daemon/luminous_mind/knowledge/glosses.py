"""Glosses: what options and packages are for, in everyday words.

Their own descriptions say what they are to those who know. The knowledge is the project's own, in
`data/glosses/*.toml`; it joins the documents when they are indexed.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from luminous_mind.knowledge.documents import OPTION, PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

    from luminous_mind.knowledge.documents import Document

_KINDS = {"services": OPTION, "options": OPTION, "packages": PACKAGE}
"""Files of glosses, and what those in them are about."""


def with_glosses(documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents, each with its gloss where there is one."""
    for document in documents:
        gloss = _glosses().get(document.id)
        yield replace(document, gloss=gloss) if gloss else document


@cache
def _glosses() -> dict[str, str]:
    """Return all glosses by the document's id."""
    return {
        f"{kind}:{name}": gloss
        for file, kind in _KINDS.items()
        for name, gloss in tomllib.loads(_file(file).read_text(encoding="utf-8")).items()
    }


def _file(name: str) -> Traversable:
    return files("luminous_mind") / "data/glosses" / f"{name}.toml"
