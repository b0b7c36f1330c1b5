"""Logging: to the journal with fields where systemd listens, readable lines elsewhere."""

from __future__ import annotations

import logging
import os
import sys


def set_up(level: str) -> None:
    """Send the daemon's log where it is read."""
    logging.basicConfig(level=level.upper(), handlers=[_handler()], force=True)


def _handler() -> logging.Handler:
    if os.environ.get("JOURNAL_STREAM"):
        try:
            from systemd.journal import JournalHandler  # noqa: PLC0415 - only where there is one
        except ImportError:
            pass
        else:
            journal: logging.Handler = JournalHandler(SYSLOG_IDENTIFIER="luminousd")
            return journal
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
