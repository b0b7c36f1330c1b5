"""Documents: what can be found, each read from disk only when it is shown or weighed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgpack
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_mind.knowledge.vocabulary import Arrays

OPTION, PACKAGE, MANUAL = "option", "package", "manual"
COMMAND, NOTE = "command", "note"
HOME_MANAGER = "home-manager"
"""The source of options that are a user's own, and not the machine's."""
RENAMED = "renamed_from"
"""The fact that has an option's former names, with spaces between them."""


@dataclass(frozen=True, slots=True)
class Document:
    """An option, a package, a passage of a manual, a note or a command.

    `name` is an option's path or a package's attribute; `facts` are what else is known, such as an
    option's `type` and `default` or a package's `pname` and `version`; `gloss` is what it is for in
    words of ours, by which it is found.
    """

    id: str
    kind: str
    name: str
    text: str
    title: str = ""
    source: str = ""
    address: str = ""
    line: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)
    gloss: str = ""


class Documents:
    """Documents by row."""

    def __init__(self, arrays: Arrays) -> None:
        """Read what `of` packed."""
        self._arrays = arrays
        self._block = memoryview(np.ascontiguousarray(arrays["block"]))  # type: ignore[arg-type] # as in vocabulary
        self._offsets = memoryview(np.ascontiguousarray(arrays["offsets"]))  # type: ignore[arg-type] # as above

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Documents:
        """Pack documents in their order."""
        packed = [msgpack.packb(_to_row(document)) for document in documents]
        offsets = np.zeros(len(packed) + 1, np.int64)
        np.cumsum([len(item) for item in packed], out=offsets[1:])
        return cls({"block": np.frombuffer(b"".join(packed), np.uint8), "offsets": offsets})

    def arrays(self) -> Arrays:
        """Return everything, by name."""
        return self._arrays

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> Document:
        """Return one."""
        packed = self._block[self._offsets[row] : self._offsets[row + 1]]
        return Document(*msgpack.unpackb(packed))


def _to_row(document: Document) -> list[object]:
    return [getattr(document, name) for name in Document.__slots__]
