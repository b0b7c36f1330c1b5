"""`luminous-mind`: joins the socket, the server and what it answers with."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_mind import settings
from luminous_mind.artefact import ArtefactUnusable
from luminous_mind.listening import bind, passed_on
from luminous_mind.methods import Knowledge
from luminous_mind.server import Server
from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    import socket

    from luminous_mind.methods import Retriever
    from luminous_mind.settings import Settings

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
    parser.add_argument("--version", action="version", version=version("luminous"))
    arguments = parser.parse_args()
    try:
        loaded = settings.load(arguments.settings)
        if arguments.index:
            sys.exit(_index(loaded))
        listening = passed_on() or (bind(arguments.socket) if arguments.socket else None)
    except LuminousError as error:
        sys.exit(f"luminous-mind: {error.message}")
    except (ArtefactUnusable, ImportError, OSError) as error:
        sys.exit(f"luminous-mind: {error}")
    if listening is None:
        sys.exit("luminous-mind: there is no socket to listen on; systemd passes one, or --socket.")
    _set_up_log(loaded.log_level)
    asyncio.run(_serve(loaded, listening))


async def _serve(loaded: Settings, listening: socket.socket) -> None:
    methods = Knowledge(loaded.index, partial(_open, loaded.encoder)).methods()
    server = Server(methods, loaded.idle_seconds)
    loop = asyncio.get_running_loop()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, server.stop)
    _log.info("answering")
    await server.serve(listening)


def _open(encoder: Path | None, index: Path) -> Retriever:
    """Open the index; what that takes is imported only now."""
    from luminous_mind.knowledge import retriever

    return retriever.Retriever.open(index, encoder)


def _index(loaded: Settings) -> str | None:
    """Index, and say what came of it; return what is to be said of a failure."""
    _set_up_log(loaded.log_level)
    from luminous_mind import indexing

    report = indexing.make_index(loaded)
    if report is None:
        _log.info("every source is as it was")
        return None
    for source, reason in report.failures.items():
        _log.error("%s cannot be indexed: %s", source, reason)
    told = ", ".join(f"{count} of the kind {kind}" for kind, count in report.documents.items())
    _log.info("indexed: %s", told or "nothing")
    return None if report.documents else "luminous-mind: nothing could be indexed."


def _set_up_log(level: str) -> None:
    """Write to standard error, which the journal gives a time."""
    form = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format=form)


if __name__ == "__main__":
    main()
