"""`luminous-mind`: joins the socket, the server and what it answers with."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_mind import settings
from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.job import Job, own_program
from luminous_mind.judging import Judging, open_recogniser
from luminous_mind.listening import bind, passed_on
from luminous_mind.methods import Knowledge
from luminous_mind.privileges import drop_privileges
from luminous_mind.server import Server
from luminous_mind.telling import Teller
from luminous_protocol.errors import LuminousError, NotReady, StorageFailed

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from luminous_mind.methods import Retriever
    from luminous_mind.settings import Settings
    from luminous_protocol.indexing import IndexReport, IndexStep

_log = logging.getLogger("luminous-mind")


def main() -> None:
    """Answer on the socket until a signal asks to stop, or nobody has asked for a while."""
    parser = argparse.ArgumentParser(
        prog="luminous-mind", description="Search options, packages and manuals for luminousd."
    )
    parser.add_argument(
        "--settings", type=Path, default=settings.FILE, help="settings file (default: %(default)s)"
    )
    parser.add_argument(
        "--socket", type=Path, help="listen at this path, where systemd passes no socket on"
    )
    parser.add_argument(
        "--index", action="store_true", help="index the sources of the settings, and end"
    )
    parser.add_argument(
        "--source", default="", help="with --index: only this source, as the settings name it"
    )
    parser.add_argument(
        "--json", action="store_true", help="with --index: print how far it is, as JSON lines"
    )
    parser.add_argument("--version", action="version", version=version("luminous"))
    arguments = parser.parse_args()
    try:
        loaded = settings.load(arguments.settings)
        if arguments.index:
            sys.exit(_index(loaded, arguments))
        listening = passed_on() or (bind(arguments.socket) if arguments.socket else None)
    except LuminousError as error:
        sys.exit(f"luminous-mind: {error.message}")
    except (ArtefactUnusable, ImportError, OSError) as error:
        sys.exit(f"luminous-mind: {error}")
    if listening is None:
        sys.exit("luminous-mind: there is no socket to listen on; systemd passes one, or --socket.")
    _set_up_log(loaded.log_level)
    job = Job(own_program(arguments.settings))
    asyncio.run(_serve(loaded, listening, job))


async def _serve(loaded: Settings, listening: socket.socket, job: Job) -> None:
    knowledge = Knowledge(loaded.index, partial(_open, loaded.encoder), _problem_of)
    judging = Judging(partial(open_recogniser, loaded.index, loaded.encoder, knowledge))
    methods = {**knowledge.methods(), **judging.methods()}
    server = Server(methods, loaded.idle_seconds, {"ingest": job.ingest})
    loop = asyncio.get_running_loop()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, server.stop)
    _log.info("answering")
    await server.serve(listening)


def _open(encoder: Path | None, index: Path) -> Retriever:
    """Open the index; what that takes is imported only now."""
    from luminous_mind.knowledge import retriever
    from luminous_mind.memory import settle

    opened = retriever.Retriever.open(index, encoder)
    settle()
    return opened


def _problem_of(index: Path) -> str:
    """Return what was wrong with the index of before, if anything."""
    from luminous_mind.ingest.kept import Kept

    return Kept.read(index).problem


def _index(loaded: Settings, arguments: argparse.Namespace) -> str | None:
    """Index, and say what came of it; return what is to be said of a failure."""
    _set_up_log(loaded.log_level)
    drop_privileges(loaded.index)
    gc.disable()  # a million things live to the end of the job, and are looked through for nothing
    teller = Teller() if arguments.json else None
    from luminous_mind import indexing

    if teller is None:
        return _say(indexing.make_index(loaded, arguments.source, _log_step()))
    teller.begin()
    try:
        teller.report(indexing.make_index(loaded, arguments.source, teller.step))
    except LuminousError as error:
        teller.error(error)
    except ImportError as error:
        teller.error(NotReady(f"A library for searching is missing: {error}."))
    except OSError as error:
        teller.error(StorageFailed(f"The index cannot be written: {error}."))
    return None


def _say(report: IndexReport) -> str | None:
    for source, reason in report.failures.items():
        _log.error("%s cannot be indexed: %s", source, reason)
    _log.info(report.sentence())
    return None if report.documents else "luminous-mind: nothing could be indexed."


def _log_step() -> Callable[[IndexStep], None]:
    """Return what logs each phase once."""
    seen = set[str]()

    def log(step: IndexStep) -> None:
        if step.phase not in seen:
            seen.add(step.phase)
            _log.info(step.phase)

    return log


def _set_up_log(level: str) -> None:
    """Write to standard error, which the journal gives a time."""
    form = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format=form)


if __name__ == "__main__":
    main()
