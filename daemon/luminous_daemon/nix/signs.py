"""Signs of life that every machine has, tried as probes are: routes, names, its own daemon.

What a machine does not have before a change, such as a network, is never held against the change.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.nix.command import Command, find_program, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from luminous_daemon.settings import Settings

    Sign = Callable[[], Awaitable[str]]

BUS_NAME = "bus-name"
ROUTE = "default-route"
ROUTE_6 = "default-route-ipv6"
LOOKUP = "name-lookup"

_BUS_SECONDS = 5
_ATTEMPT_SECONDS = 3
_ROUTES = Path("/proc/net/route")
_ROUTES_6 = Path("/proc/net/ipv6_route")
_SYSTEM_PROGRAMS = ("/run/current-system/sw/bin",)
# linux/route.h; what rejects packets leads nowhere.
_UP, _REJECT = 0x1, 0x200


class Signs:
    """The signs of one machine. `seconds` says for how long each is waited for after a change."""

    def __init__(self, settings: Settings, owns_name: Callable[[], Awaitable[bool]]) -> None:
        """Look at what `settings` ask for; `owns_name` tells whether the daemon is on the bus."""
        self._owns_name = owns_name
        self._lookup = settings.lookup
        self._signs: dict[str, Sign] = {BUS_NAME: self._try_bus_name}
        if settings.network_seconds:
            self._signs |= {ROUTE: _try_route, ROUTE_6: _try_route_6}
            if settings.lookup:
                self._signs[LOOKUP] = self._try_lookup
        self.seconds: Mapping[str, int] = {
            name: _BUS_SECONDS if name == BUS_NAME else settings.network_seconds
            for name in self._signs
        }

    async def attempt(self, name: str) -> str:
        """Return why a sign is missing, or nothing; it never takes long."""
        return await self._signs[name]()

    async def _try_bus_name(self) -> str:
        return "" if await self._owns_name() else "Luminous's name on the bus is not its own"

    async def _try_lookup(self) -> str:
        getent = find_program("getent") or find_program("getent", _SYSTEM_PROGRAMS)
        if getent is None:
            return "getent is not there to look names up"
        if not (has_route(_read(_ROUTES)) or has_route_6(_read(_ROUTES_6))):
            return "there is no network to ask"
        argv = (getent, "ahosts", self._lookup)
        try:
            async with asyncio.timeout(_ATTEMPT_SECONDS):
                outcome = await run(Command(argv, kept=4096))
        except TimeoutError:
            return f"{self._lookup} was not found within {_ATTEMPT_SECONDS} seconds"
        return "" if outcome.status == 0 else f"{self._lookup} is not found"


def has_route(table: str) -> bool:
    """Tell whether /proc/net/route has a default route; see route(8) for its flags."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return any(
        row[1] == row[7] == "00000000" and _leads_out(row[3])
        for row in rows
        if len(row) > 7  # noqa: PLR2004 - the columns up to the mask
    )


def has_route_6(table: str) -> bool:
    """Tell whether /proc/net/ipv6_route has a default route."""
    rows = [line.split() for line in table.splitlines()]
    return any(
        row[0] == "0" * 32 and row[1] == "00" and _leads_out(row[8])
        for row in rows
        if len(row) > 8  # noqa: PLR2004 - the columns up to the flags
    )


def _leads_out(flags: str) -> bool:
    return int(flags, 16) & (_UP | _REJECT) == _UP


async def _try_route() -> str:
    return "" if has_route(_read(_ROUTES)) else "there is none"


async def _try_route_6() -> str:
    return "" if has_route_6(_read(_ROUTES_6)) else "there is none"


def _read(table: Path) -> str:
    try:
        return table.read_text()
    except OSError:
        return ""
