"""Telling systemd how the daemon is: `READY=1`, `STOPPING=1`, the watchdog (sd_notify(3))."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Send `state` to the service manager, if there is one that listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_UNIX, kind) as sender, contextlib.suppress(OSError):
        sender.connect(address)
        sender.sendall(state.encode())


def watchdog_seconds() -> float:
    """Return how often the watchdog wants to hear; 0 when it does not."""
    microseconds = os.environ.get("WATCHDOG_USEC", "0")
    return int(microseconds) / 2_000_000 if microseconds.isdecimal() else 0.0
