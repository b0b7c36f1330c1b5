"""Indexing: the job that makes the index anew, when a source is another than it was."""

from __future__ import annotations

import fcntl
import logging
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from luminous_mind.artefact import ArtefactMissing, ArtefactUnusable, clear_unfinished
from luminous_mind.engine.encoder import Encoder
from luminous_mind.ingest.kept import Kept, KeptSource, recipe, stamp_of
from luminous_mind.ingest.pipeline import Harvest, Helpers, Pipeline, Source, read
from luminous_mind.knowledge.analysis import Analysis
from luminous_mind.knowledge.index import Index, clear_dense, set_aside
from luminous_mind.knowledge.vectors import CacheBusy, VectorCache
from luminous_protocol.errors import Busy, InvalidValue, NotReady
from luminous_protocol.indexing import IndexReport, IndexStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from luminous_mind.ingest.pipeline import Progress
    from luminous_mind.settings import Settings

_log = logging.getLogger("luminous-mind")
_ANALYSIS = "analysis"


def make_index(
    loaded: Settings, source: str = "", progress: Progress = lambda _: None
) -> IndexReport:
    """Index the sources of the settings, or only `source` of them; return what came of it.

    Raises `Busy` while another job does, `InvalidValue` for a source that the settings do not name,
    `NotReady` where there is none, and OSError.
    """
    sources = _sources(loaded, source)
    loaded.index.mkdir(parents=True, exist_ok=True)
    with _alone(loaded.index):
        return _Job(loaded, progress).run(sources, source)


def _sources(loaded: Settings, source: str) -> list[Source]:
    names = ", ".join(map(str, loaded.sources)) or "none are named"
    if source and source not in map(str, loaded.sources):
        raise InvalidValue(f"There is no source {source[:200]}. The sources are: {names}.")
    found = [Source(kind, file) for file, kind in loaded.sources.items() if file.exists()]
    if not found or (source and source not in {str(item.file) for item in found}):
        raise NotReady(f"There is nothing to index. The sources are: {names}.")
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another program indexes at this moment. Wait until it is done.") from None
        clear_unfinished(folder)
        yield


class _Job:
    """One run, alone in the folder of the index."""

    def __init__(self, loaded: Settings, progress: Progress) -> None:
        self._folder, self._encoder, self._progress = loaded.index, loaded.encoder, progress
        self._recipe = recipe(loaded.encoder)
        self._trouble: dict[str, str] = {}
        self._kept = Kept.read(loaded.index)

    def run(self, sources: Sequence[Source], only: str) -> IndexReport:
        """Index what has changed; say so where nothing has."""
        self._progress(IndexStep("looking at the sources"))
        stamps = {str(item.file): stamp_of(item) for item in sources}
        is_same = self._kept.has(stamps, self._recipe, only)
        older, problem = self._open()
        if is_same and older:
            documents = {kind: len(track.documents) for kind, track in older.tracks.items()}
            return IndexReport(documents, self._kept.failures(), is_new=False)
        self._kept = replace(self._kept, problem=problem)
        harvests = self._harvest(sources, only, older)
        report = self._index(harvests, older)
        self._keep(harvests, stamps, only)
        return report

    def _open(self) -> tuple[Index | None, str]:
        """Open the index of before; one that cannot be used is put aside, and said so."""
        try:
            return Index.open(self._folder), ""
        except ArtefactMissing:
            return None, ""
        except ArtefactUnusable as error:
            place = set_aside(self._folder, int(time.time()))
            _log.warning(
                "the index is made anew, and the one of before kept in %s: %s", place, error
            )
            return None, f"{error} It was made anew; what was left of it is in {place}."

    def _harvest(
        self, sources: Sequence[Source], only: str, older: Index | None
    ) -> dict[str, Harvest]:
        """Read the sources; of one that is not wanted, or is lost, take what there was before."""
        found: dict[str, Harvest] = {}
        before = self._kept.sources
        for source in sources:
            name = str(source.file)
            is_wanted = not only or only == name or name not in before or older is None
            harvest = read(source, self._progress) if is_wanted else Harvest()
            if (not is_wanted or harvest.is_lost) and older and name in before:
                harvest = before[name].restored(older, harvest)
            found[name] = harvest
        return found

    def _index(self, harvests: dict[str, Harvest], older: Index | None) -> IndexReport:
        failures = {name: item.failure for name, item in harvests.items() if item.failures}
        if not any(item.documents for item in harvests.values()):
            return IndexReport({}, failures)
        way = self._recipe
        analysis = Analysis.open(self._folder / _ANALYSIS, way)
        with self._vectors() as vectors:
            keep = partial(analysis.save, self._folder / _ANALYSIS, way)
            helpers = Helpers(analysis, vectors, older.digest if older else "", keep)
            pipeline = Pipeline(self._folder, self._progress, helpers)
            report = pipeline.index(harvests, int(time.time()))
        clear_dense(self._folder)
        return replace(report, failures={**report.failures, **self._trouble})

    @contextmanager
    def _vectors(self) -> Iterator[VectorCache | None]:
        """Open the encoder's vectors; without one that can be used, words are indexed alone."""
        encoder = self._open_encoder()
        if encoder is None:
            yield None
            return
        try:
            with VectorCache.open(self._folder / "vectors", encoder) as cache:
                yield cache
        except CacheBusy as error:
            raise Busy(str(error)) from None

    def _open_encoder(self) -> Encoder | None:
        try:
            return Encoder.open(self._encoder) if self._encoder else None
        except (ArtefactUnusable, ImportError) as error:
            self._trouble[str(self._encoder)] = f"The encoder cannot be used: {error}"
            self._recipe = ""  # the next job tries again
            return None

    def _keep(self, harvests: dict[str, Harvest], stamps: dict[str, str], only: str) -> None:
        """Write down what was indexed of which source, last of all."""
        before = self._kept.sources
        sources = {}
        for name, harvest in harvests.items():
            is_old = only and only != name and name in before
            stamp = before[name].stamp if is_old else stamps[name]
            sources[name] = KeptSource.of(harvest, stamp)
        replace(self._kept, recipe=self._recipe, sources=sources).write(self._folder)
