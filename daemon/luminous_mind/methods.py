"""What can be asked: a search, and how it stands with what is searched."""

from __future__ import annotations

import logging
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Protocol

from luminous_mind.artefact import ArtefactUnusable
from luminous_protocol.errors import InvalidValue, NotReady
from luminous_protocol.frames import BadFrame, parse
from luminous_protocol.passages import NameRequest, SearchRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from luminous_mind.worker import Method
    from luminous_protocol.frames import Value
    from luminous_protocol.passages import Named, Passage

    Params = dict[str, Value]
    Steps = Generator[Value, None, Value]

_log = logging.getLogger("luminous-mind")
_PASSAGES_IN_A_PART = 10


class Retriever(Protocol):
    """What finds passages in an index."""

    def search(self, request: SearchRequest) -> list[Passage]:
        """Return the passages that answer best, the best first."""

    def look_up(self, request: NameRequest) -> Named:
        """Return what there is under a name."""

    def package(self, word: str) -> str:
        """Return the attribute of the package with this name, or nothing."""

    def describe(self) -> dict[str, Value]:
        """Return what is in the index."""


class Knowledge:
    """Searches the index in a directory, which is opened when somebody first asks."""

    def __init__(
        self,
        index: Path,
        open_retriever: Callable[[Path], Retriever],
        problem_of: Callable[[Path], str] = lambda _: "",
    ) -> None:
        """Search what `open_retriever` finds in `index`; `problem_of` tells how that was made."""
        self._index = index
        self._open_retriever, self._problem_of = open_retriever, problem_of
        self._problem = ""
        self._opened: tuple[object, Retriever] | None = None

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        return {
            "search": self.search,
            "describe": self.describe,
            "explain": self.explain,
            "status": self.status,
        }

    def search(self, params: Params) -> Steps:
        """Yield passages, some at a time, the best first; return how many there were."""
        try:
            request = parse(SearchRequest, params)
        except BadFrame as bad:
            raise InvalidValue(bad.message) from None
        found = [_to_plain(passage) for passage in self._retriever().search(request)]
        for start in range(0, len(found), _PASSAGES_IN_A_PART):
            yield list(found[start : start + _PASSAGES_IN_A_PART])
        return {"count": len(found)}

    def describe(self, params: Params) -> Steps:
        """Return what there is under the name of an option or of a package."""
        try:
            request = parse(NameRequest, params)
        except BadFrame as bad:
            raise InvalidValue(bad.message) from None
        yield from ()
        found = self._retriever().look_up(request)
        return {
            "passage": _to_plain(found.passage) if found.passage else None,
            "below": [asdict(child) for child in found.below],
            "nearest": list(found.nearest),
        }

    def explain(self, params: Params) -> Steps:
        """Return what an error message means; without an index by what it says itself."""
        from luminous_mind.explaining import explain
        from luminous_protocol.diagnosis import to_dict
        from luminous_protocol.diagnosis.request import ExplainRequest

        try:
            request = parse(ExplainRequest, params)
        except BadFrame as bad:
            raise InvalidValue(bad.message) from None
        yield from ()
        try:
            index: Retriever | None = self._retriever()
        except NotReady:
            index = None
        return to_dict(explain(request, index))

    def status(self, params: Params) -> Steps:
        """Return what is in the index."""
        if params:
            raise InvalidValue("The status takes no parameters.")
        yield from ()
        told = self._retriever().describe()
        problem = self._problem or self._problem_of(self._index)
        return {**told, "problem": problem} if problem else told

    def package(self, word: str) -> str:
        """Return the attribute of the package with this name; nothing without an index."""
        try:
            return self._retriever().package(word)
        except NotReady:
            return ""

    def _retriever(self) -> Retriever:
        """Return the retriever of the index that is there now: a new one takes its place whole."""
        try:
            about = self._index.stat()
        except OSError as error:
            if self._opened:  # another one is being put there at this moment
                return self._opened[1]
            raise _nothing(self._index, error.strerror or "") from None
        stamp = (about.st_dev, about.st_ino, about.st_mtime_ns)
        if self._opened is None or self._opened[0] != stamp:
            self._opened = (stamp, self._open_anew())
        return self._opened[1]

    def _open_anew(self) -> Retriever:
        """Open the index; while a new one cannot be used, what is open answers on."""
        try:
            found, self._problem = self._open_retriever(self._index), ""
        except ArtefactUnusable as error:
            failure = NotReady(f"There is nothing to search in. {error}")
        except (ImportError, OSError, ValueError) as error:
            failure = _nothing(self._index, str(error))
        else:
            return found
        if not self._opened:
            raise failure
        if failure.message != self._problem:
            _log.warning("the index of before is searched on: %s", failure.message)
        self._problem = f"The index of before is searched. {failure.message}"
        return self._opened[1]


def _nothing(index: Path, reason: str) -> NotReady:
    return NotReady(
        f"There is nothing to search in: {index} cannot be read ({reason}). "
        "To make it, as root: luminous-mind --index"
    )


def _to_plain(passage: Passage) -> Value:
    plain = {field.name: getattr(passage, field.name) for field in fields(passage)}
    return {**plain, "why": list(passage.why)}
