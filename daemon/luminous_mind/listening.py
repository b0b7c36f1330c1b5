"""The socket that is listened on: one that was passed on, or a path."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FIRST = 3
"""SD_LISTEN_FDS_START of sd_listen_fds(3)."""


def passed_on() -> socket.socket | None:
    """Return the listening socket that systemd, or who does as it does, has passed on, if any."""
    is_for_us = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    count = os.environ.pop("LISTEN_FDS", "")
    if not is_for_us or count != "1":
        return None
    os.set_inheritable(_FIRST, False)  # noqa: FBT003 - so it is declared
    return socket.socket(fileno=_FIRST)


def bind(path: Path) -> socket.socket:
    """Listen at `path`, where nobody else may connect; what is there already makes way."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
