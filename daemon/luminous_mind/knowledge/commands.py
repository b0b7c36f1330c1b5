"""Commands: what people type, as documents that are Luminous's own and the same everywhere.

They stand in `data/commands.toml` and in no index: there are so few that a track is made of them
when somebody first searches.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from luminous_mind.knowledge.categories import Categories
from luminous_mind.knowledge.documents import COMMAND, Document
from luminous_mind.knowledge.index import Texts, make_track

if TYPE_CHECKING:
    from luminous_mind.knowledge.index import Track

_SOURCE = "luminous"


class Commands:
    """All commands that are known."""

    def __init__(self) -> None:
        """Read them."""
        text = (files("luminous_mind") / "data/commands.toml").read_text(encoding="utf-8")
        entries = tomllib.loads(text)["command"]
        documents = [_document(entry["run"], entry["about"]) for entry in entries]
        self.track: Track = make_track(
            COMMAND, documents, np.zeros(len(documents), np.float32), Texts()
        )
        meant = [{"words": entry["words"], "row": [str(row)]} for row, entry in enumerate(entries)]
        self.purposes = Categories(meant, "row")
        """What they are for; a member is the number of a row."""


def _document(run: list[str], about: str) -> Document:
    usual, *others = run
    text = "\n".join((about, *(f"Also: {command}" for command in others)))
    return Document(f"{COMMAND}:{usual}", COMMAND, usual, text, usual, _SOURCE)
