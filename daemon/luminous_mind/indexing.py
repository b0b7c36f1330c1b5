"""Indexing: the job that makes the index anew, when a source is another than it was."""

from __future__ import annotations

import fcntl
import logging
import time
from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING

from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.engine.encoder import Encoder
from luminous_mind.ingest.pipeline import Pipeline, Source
from luminous_mind.knowledge.index import Index
from luminous_mind.knowledge.vectors import VectorCache
from luminous_protocol.errors import Busy, NotReady

if TYPE_CHECKING:
    from luminous_mind.ingest.pipeline import Report
    from luminous_mind.settings import Settings

_log = logging.getLogger("luminous-mind")


def make_index(loaded: Settings) -> Report | None:
    """Index the sources of the settings; return what came of it, or nothing if all is as it was.

    Raises `Busy` while another job does, `NotReady` where there is no source, and OSError.
    """
    loaded.index.mkdir(parents=True, exist_ok=True)
    with (loaded.index / "lock").open("wb") as lock, ExitStack() as held:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another program indexes at this moment. Wait until it is done.") from None
        sources = [Source(kind, file) for file, kind in loaded.sources.items() if file.exists()]
        if not sources:
            names = ", ".join(map(str, loaded.sources)) or "none are named"
            raise NotReady(f"There is nothing to index. The sources are: {names}.")
        stamp = _stamp(sources, loaded)
        if _is_current(loaded, stamp):
            return None
        vectors = None
        if loaded.encoder:
            encoder = Encoder.open(loaded.encoder)
            vectors = held.enter_context(VectorCache.open(loaded.index / "vectors", encoder))
        pipeline = Pipeline(loaded.index, _log.info, vectors)
        report = pipeline.ingest(sources, int(time.time()))
        (loaded.index / "sources").write_text(stamp)
        return report


def _is_current(loaded: Settings, stamp: str) -> bool:
    try:
        Index.open(loaded.index)
        return (loaded.index / "sources").read_text() == stamp
    except ArtefactUnusable as error:
        _log.info("the index is made anew: %s", error)
    except OSError:
        pass
    return False


def _stamp(sources: list[Source], loaded: Settings) -> str:
    """Return what is another when a source or the encoder is."""
    seen = sha256(str(loaded.encoder).encode())
    for source in sources:
        with source.file.open("rb") as opened:
            while block := opened.read(2**20):
                seen.update(block)
        seen.update(f"{source.reader} {source.file}".encode())
    return seen.hexdigest()
