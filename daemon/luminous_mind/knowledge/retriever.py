"""The retriever: candidates from every way of finding, ranked, for one kind or for all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from luminous_mind.knowledge import ranking
from luminous_mind.knowledge.children import children_of
from luminous_mind.knowledge.documents import COMMAND, MANUAL, NOTE, OPTION, PACKAGE, RENAMED
from luminous_mind.knowledge.index import Index
from luminous_mind.knowledge.meaning import Meaning
from luminous_mind.knowledge.purposes import Purposes
from luminous_mind.knowledge.query import is_single, read, said
from luminous_mind.knowledge.ranking import Evidence
from luminous_mind.knowledge.terms import folded
from luminous_protocol.passages import Named, Passage, SearchRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from luminous_mind.knowledge.documents import Document
    from luminous_mind.knowledge.index import Track
    from luminous_mind.knowledge.query import Query
    from luminous_protocol.passages import NameRequest

    Near = Callable[[], list[tuple[int, float]]]

_LEXICAL = 160
_BEARERS = 24
_WEIGHED = 50
_WEIGHED_OF_EACH = 20
"""Of so many documents is read what they say: of one kind, or of each of several."""
_CROWDED = 0.2
"""What each further one of its kind is worth less, so that no kind fills the list."""
_NEAREST = 3
_SCORES = {
    OPTION: ranking.score_option,
    PACKAGE: ranking.score_package,
    MANUAL: ranking.score_passage,
    NOTE: ranking.score_passage,
    COMMAND: ranking.score_command,
}
EVERYTHING = frozenset(("lexical", "names", "categories", "graph", "dense"))
"""The parts of retrieval, each of which can be left out to see what it is worth."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A query as it is read for one kind, and who speaks for which rows how much."""

    track: Track
    query: Query
    found: dict[int, dict[str, float]]


class Retriever:
    """Searches an index."""

    def __init__(
        self,
        index: Index,
        meaning: Meaning | None = None,
        parts: frozenset[str] = EVERYTHING,
    ) -> None:
        """Search with these parts of retrieval; without `meaning` there is no dense one."""
        self._index, self._meaning, self._parts = index, meaning, parts
        self._purposes = Purposes()

    @classmethod
    def open(cls, folder: Path, encoder: Path | None = None) -> Retriever:
        """Search the index in `folder`, by meaning too where there is an encoder.

        Raises ArtefactMissing, ArtefactOutdated and ArtefactDamaged of the index; the encoder may
        be missing, which `describe` tells.
        """
        index = Index.open(folder)
        return cls(index, Meaning.of(index, folder, encoder) if encoder else None)

    def describe(self) -> dict[str, Any]:
        """Return the documents of each kind, when they were indexed, and if meaning counts."""
        tracks = {kind: self._index.track(kind) for kind in self._index.kinds}
        return {
            "documents": {kind: len(track.documents) for kind, track in tracks.items() if track},
            "indexed": self._index.made,
            "meaning": self._meaning.state if self._meaning else "there is no encoder",
        }

    def look_up(self, request: NameRequest) -> Named:
        """Return what there is under a name: one passage, and options below it.

        Where there is neither, it comes with names that are like it or are meant by it.
        """
        track = self._index.track(request.kind)
        row = track.row_of(request.name) if track else -1
        passage = _passage(track.documents[row], 1.0, ("its name",)) if track and row >= 0 else None
        below = children_of(track, request.name) if track and request.kind == OPTION else ()
        nearest: list[Passage] = []
        if not (passage or below) and request.name.strip():
            nearest = self.search(SearchRequest(request.name, (request.kind,), _NEAREST))
        return Named(passage, below, tuple(item.title for item in nearest))

    def package(self, word: str) -> str:
        """Return the attribute of the package with this name, or nothing."""
        track = self._index.track(PACKAGE)
        match = track.names.exactly(folded(word)) if track else None
        if track is None or match is None:
            return ""
        names = (track.documents[row].name for row in match.rows)
        return next((name for name in names if folded(name) == match.name), "")

    def search(self, request: SearchRequest) -> list[Passage]:
        """Return the passages of these kinds, or of all, that answer best, the best first."""
        kinds = request.kinds or (*self._index.kinds, COMMAND)
        tracks = [track for kind in kinds if (track := self._track(kind))]
        # The largest first: what is near in it takes longest, and is waited for first.
        tracks.sort(key=lambda track: -len(track.documents))
        text = said(request.query)
        # What one word finds by its letters it does not need to find by its meaning.
        near = self._compared(() if is_single(text) else tracks, text)
        readings = [self._read(track, request.query) for track in tracks]
        near = near or self._compared([r.track for r in readings if not r.found], text)
        most = max(_WEIGHED if len(tracks) == 1 else _WEIGHED_OF_EACH, 2 * request.limit)
        found = [
            (item.score - _CROWDED * place, item)
            for reading in readings
            for place, item in enumerate(
                self._ranked(reading, near.get(reading.track.kind, list), request.limit, most)
            )
        ]
        found.sort(key=lambda pair: -pair[0])
        return [item for _, item in found[: request.limit]]

    def _track(self, kind: str) -> Track | None:
        return self._purposes.commands.track if kind == COMMAND else self._index.track(kind)

    def _compared(self, tracks: Iterable[Track], text: str) -> Mapping[str, Near]:
        """Return, by kind, what gives the rows whose meaning is near, and how near each is.

        What compares meanings lets others compute meanwhile, on another processor.
        """
        if self._meaning is None or "dense" not in self._parts:
            return {track.kind: list for track in tracks}
        return {track.kind: self._meaning.begin(track.kind, text) for track in tracks}

    def _read(self, track: Track, text: str) -> _Reading:
        """Read a query for one kind, and find what has its words."""
        query = read(text, track.names, track.postings, self._purposes.spelling)
        return _Reading(track, query, self._candidates(track, query) if query.whole else {})

    def _ranked(self, reading: _Reading, near: Near, limit: int, most: int) -> list[Passage]:
        """Weigh what was found for one kind; `near` gives what means the same, and takes time.

        Of the likeliest `most` documents is read what they say.
        """
        track, query = reading.track, reading.query
        if not query.whole:
            return []
        for row, likeness in near():
            _raise(reading.found[row], "dense", likeness)
        words = ranking.weigh(query, track.postings.rarity)
        candidates = self._weighed(track, words, reading.found)
        score = _SCORES[track.kind]
        scored = [
            (score(query, document, evidence, words), row, document)
            for row, evidence in _likeliest(candidates, most)
            for document in (track.documents[row],)
        ]
        scored.sort(key=lambda found: (-found[0], found[1]))
        return [
            _passage(document, value, _former_name(query, document) + _why(candidates[row]))
            for value, row, document in scored[:limit]
        ]

    def _candidates(self, track: Track, query: Query) -> dict[int, dict[str, float]]:
        """Return the rows that are worth weighing, and who speaks for each how much."""
        evidence: dict[int, dict[str, float]] = defaultdict(dict)
        if "lexical" in self._parts:
            self._add_lexical(track, query, evidence)
        if "names" in self._parts:
            for match in query.matches:
                for row in match.rows[:_BEARERS]:
                    _raise(evidence[row], "named", match.likeness)
        if "categories" in self._parts:
            for row, fit in self._purposes.meant(track, query):
                _raise(evidence[row], "category", fit)
        return evidence

    def _weighed(
        self, track: Track, words: Mapping[str, float], evidence: dict[int, dict[str, float]]
    ) -> Mapping[int, Evidence]:
        """Add to what speaks for rows how often they are referred to, and which words they have."""
        rows = np.fromiter(evidence, np.int32, len(evidence))
        shares = track.postings.shares(words, rows).tolist()
        ranks = (track.priors[rows] if "graph" in self._parts else np.zeros(len(rows))).tolist()
        return {
            row: Evidence(**own, rank=rank, share=share)
            for (row, own), rank, share in zip(evidence.items(), ranks, shares, strict=True)
        }

    def _add_lexical(
        self, track: Track, query: Query, evidence: dict[int, dict[str, float]]
    ) -> None:
        scores = track.postings.scores(query.weights)
        rows = np.flatnonzero(scores > 0)
        if not len(rows):
            return
        if len(rows) > _LEXICAL:
            rows = _best(rows, scores[rows] * (1 + 0.5 * track.priors[rows]), _LEXICAL)
        found = scores[rows].tolist()
        highest = max(found)
        for row, score in zip(rows.tolist(), found, strict=True):
            evidence[row]["lexical"] = score / highest


def _best(rows: NDArray[np.int64], values: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Return the rows with the highest values; of equal ones the first, on any machine."""
    # Of the negative: from the other end numpy takes twenty times longer where many are equal.
    lowest = -np.partition(-values, most - 1)[most - 1]
    above, level = rows[values > lowest], rows[values == lowest]
    return np.concatenate([above, level[: most - len(above)]])


def _likeliest(candidates: Mapping[int, Evidence], most: int) -> list[tuple[int, Evidence]]:
    """Return those that are worth being read and weighed."""
    fitting = [pair for pair in candidates.items() if pair[1].is_fitting()]
    return sorted(fitting, key=lambda pair: -pair[1].at_first_sight())[:most]


def _raise(own: dict[str, float], name: str, value: float) -> None:
    own[name] = max(own.get(name, 0.0), value)


def _passage(document: Document, score: float, why: tuple[str, ...]) -> Passage:
    return Passage(
        id=document.id,
        kind=document.kind,
        title=document.title or document.name,
        text=document.text,
        source=document.source,
        line=document.line,
        address=document.address,
        score=round(score, 4),
        why=why,
        facts=document.facts,
    )


def _former_name(query: Query, document: Document) -> tuple[str, ...]:
    """Return that an option had the name that was looked for, if so."""
    former = document.facts.get(RENAMED, "").split()
    return tuple(f"its former name {name}" for name in former if folded(name) == query.whole)


def _why(evidence: Evidence) -> tuple[str, ...]:
    told = (
        ("named", "its name"),
        ("category", "what it is for"),
        ("lexical", "its words"),
        ("dense", "its meaning"),
    )
    return tuple(words for name, words in told if getattr(evidence, name) > 0)
