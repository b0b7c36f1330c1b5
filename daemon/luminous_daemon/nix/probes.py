"""Trying a probe once: a program, a unit of systemd, a port, or a page."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
import socket
from typing import TYPE_CHECKING

from luminous_daemon.core.probes import UNPRIVILEGED, address_of
from luminous_daemon.nix.command import Command, find_program, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.probes import Probe

_SYSTEM_PROGRAMS = ("/run/current-system/sw/bin",)
_KEPT_BYTES = 4096
_SHOWN_CHARACTERS = 200
_HTTP_ERROR = 22
"""curl's exit status for an answer of 400 or more; see EXIT CODES in curl(1)."""


def curl_argv(program: str, url: str, seconds: int) -> tuple[str, ...]:
    """Return the arguments that ask for a page, and print nothing but the answer's number.

    No settings of a user are read (`--disable` stands first for that), no redirection is
    followed, and no character of `url` stands for several.
    """
    return (
        program,
        "--disable",
        "--silent",
        "--show-error",
        "--fail",
        "--globoff",
        *("--proto", "=http,https"),
        *("--max-time", str(seconds)),
        *("--output", "/dev/null"),
        *("--write-out", "%{http_code}"),
        *("--url", url),
    )


async def try_probe(probe: Probe) -> str:
    """Return why `probe` is not well, or nothing. Cancelling ends what it has started."""
    if probe.command:
        return await _try_command(probe.command, probe.user or UNPRIVILEGED)
    if probe.unit:
        return await _try_unit(probe.unit)
    if probe.tcp:
        return await _try_tcp(probe.tcp)
    return await _try_url(probe.url or "", probe.seconds)


async def _try_command(argv: tuple[str, ...], user: str) -> str:
    if not _is_user(user):
        return _no_user(user)
    outcome = await run(Command(argv, user=user, kept=_KEPT_BYTES))
    if outcome.status == 0:
        return ""
    line = _last_line([*outcome.output.splitlines(), *outcome.errors])
    return f"{argv[0]} {_end_of(outcome.status)}" + (f": {line}" if line else "")


async def _try_unit(unit: str) -> str:
    systemctl = _program("systemctl")
    if systemctl is None:
        return "systemctl is not there to ask for it"
    outcome = await run(Command((systemctl, "is-active", unit), kept=_KEPT_BYTES))
    return "" if outcome.status == 0 else f"{unit} is {_shown(outcome.output) or 'not active'}"


async def _try_tcp(tcp: str) -> str:
    host, port = address_of(tcp)
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        return f"{tcp}: {_reason(error)}"
    writer.close()
    with contextlib.suppress(OSError):  # it took the connection, which is all that was asked
        await writer.wait_closed()
    return ""


async def _try_url(url: str, seconds: int) -> str:
    curl = _program("curl")
    if curl is None:
        return "curl is not there to ask for it; add it to the system's packages"
    if not _is_user(UNPRIVILEGED):
        return _no_user(UNPRIVILEGED)
    argv = curl_argv(curl, url, seconds)
    outcome = await run(Command(argv, user=UNPRIVILEGED, kept=_KEPT_BYTES))
    if outcome.status == 0:
        return ""
    if outcome.status == _HTTP_ERROR:
        return f"{url} answered {_shown(outcome.output)}"
    line = _last_line(outcome.errors).removeprefix(f"curl: ({outcome.status}) ")
    return f"{url}: {line or f'curl {_end_of(outcome.status)}'}"


def _program(name: str) -> str | None:
    """Return the path of a program: the daemon's own comes before the system's."""
    return find_program(name) or find_program(name, _SYSTEM_PROGRAMS)


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _no_user(name: str) -> str:
    return f"there is no user {name} on this machine to run it"


def _end_of(status: int) -> str:
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return str(error.strerror)
    # Without a number it is several errors in one, for several addresses of one name.
    return os.strerror(error.errno) if error.errno else "no connection"


def _last_line(lines: Sequence[str]) -> str:
    return _shown(next((line for line in reversed(lines) if line.strip()), ""))


def _shown(text: str) -> str:
    """Return a program's text as it can stand in a sentence."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return plain[:_SHOWN_CHARACTERS].rstrip(". ")
