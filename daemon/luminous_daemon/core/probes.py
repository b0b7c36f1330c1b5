"""Probes: what an administrator lists to be as well after a change as before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from luminous_protocol.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

UNPRIVILEGED = "nobody"
"""Who runs what a probe runs, unless it names somebody else."""

KINDS = ("command", "unit", "tcp", "url")
LONGEST_SECONDS = 300

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*)"
_ADDRESS = re.compile(rf"({_HOST}):([0-9]{{1,5}})")
_URL = re.compile(rf"https?://{_HOST}(?::([0-9]{{1,5}}))?(?:[/?#][!-~]*)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")
# systemd.unit(5). A template has nothing that could be active.
_UNIT = re.compile(
    r"(?=.{1,255}\Z)[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*(?<!@)\."
    r"(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)"
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to look at, by exactly one of `command`, `unit`, `tcp` and `url`.

    `seconds` is how long an attempt may take, and for how long after an activation the probe is
    tried again. `user` runs the command; None stands for an unprivileged one.
    """

    command: tuple[str, ...] | None = None
    unit: str | None = None
    tcp: str | None = None
    url: str | None = None
    seconds: int = 10
    user: str | None = None
    __pydantic_config__: ClassVar = {"extra": "forbid"}


def check_probes(probes: Mapping[str, Probe]) -> None:
    """Raise `InvalidValue` that begins with the key of what cannot be."""
    for name, probe in probes.items():
        if not _NAME.fullmatch(name):
            raise InvalidValue(
                f"probes: {name!r} cannot be the name of a probe. Use letters, digits, '.', '_' "
                "and '-', beginning with a letter or a digit."
            )
        given = [kind for kind in KINDS if getattr(probe, kind) is not None]
        if len(given) != 1:
            has = f"this has {' and '.join(given)}" if given else "this has none"
            raise InvalidValue(
                f"probes.{name}: A probe has exactly one of {', '.join(KINDS)}; {has}."
            )
        for field, problem in _problems(probe):
            raise InvalidValue(f"probes.{name}.{field}: {problem}")


def _problems(probe: Probe) -> list[tuple[str, str]]:
    """Return what is wrong with a probe's fields, each with the field's name."""
    found = {
        "command": _problem_of_command(probe.command),
        "unit": _problem_of_unit(probe.unit),
        "tcp": _problem_of_tcp(probe.tcp),
        "url": _problem_of_url(probe.url),
        "seconds": ""
        if 1 <= probe.seconds <= LONGEST_SECONDS
        else f"A probe takes from 1 to {LONGEST_SECONDS} seconds.",
        "user": _problem_of_user(probe),
    }
    return [(field, problem) for field, problem in found.items() if problem]


def _problem_of_command(command: tuple[str, ...] | None) -> str:
    if command is None:
        return ""
    if not command or not command[0].startswith("/"):
        return "Give a list of a program and its arguments; the program with its whole path."
    return "An argument cannot hold a null character." if "\0" in "".join(command) else ""


def _problem_of_unit(unit: str | None) -> str:
    if unit is None or _UNIT.fullmatch(unit):
        return ""
    return f"{unit!r} is no unit of systemd. Give its whole name, such as nginx.service."


def _problem_of_tcp(tcp: str | None) -> str:
    if tcp is None:
        return ""
    found = _ADDRESS.fullmatch(tcp)
    if not found:
        return f"{tcp!r} is no address. Write it as localhost:80 or [::1]:80."
    return _problem_of_port(found[2])


def _problem_of_url(url: str | None) -> str:
    if url is None:
        return ""
    found = _URL.fullmatch(url)
    if not found:
        return (
            f"{url!r} is no address that can be probed. Write it as http://localhost:8080/health, "
            "with http or https and without a user or a password."
        )
    return _problem_of_port(found[1]) if found[1] else ""


def _problem_of_port(port: str) -> str:
    return "" if 1 <= int(port) <= 65535 else f"There is no port {port}: they go from 1 to 65535."  # noqa: PLR2004 - the numbers of TCP


def _problem_of_user(probe: Probe) -> str:
    if probe.user is None:
        return ""
    if probe.command is None:
        return "Only a command is run by a user. Leave it out here."
    return "" if _USER.fullmatch(probe.user) else f"{probe.user!r} cannot be a user's name."


def is_host(name: str) -> bool:
    """Tell whether `name` can be that of a host."""
    return bool(re.fullmatch(_HOST, name)) and not name.startswith(("-", "["))


def address_of(tcp: str) -> tuple[str, int]:
    """Return host and port of a checked `tcp`."""
    host, _, port = tcp.rpartition(":")
    return host.strip("[]"), int(port)
