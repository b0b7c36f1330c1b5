"""Departures: who leaves the bus, of those whose leaving matters to somebody."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from luminous_protocol.dbus import BusError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

    from luminous_protocol.dbus import Connection, Signal

_BUS = "org.freedesktop.DBus"
_CHANGED = "NameOwnerChanged"
_MOST = 256
"""A bus lets one connection have some hundred rules. What is not watched ends by its time."""


class Departures:
    """Watches unique names, and says when one is gone."""

    def __init__(
        self,
        connection: Connection,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        on_gone: Callable[[str], None],
    ) -> None:
        """Call `on_gone` with each watched name that has left the bus behind `connection`."""
        self._connection = connection
        self._spawn = spawn
        self._on_gone = on_gone
        self._watched: set[str] = set()
        connection.on_signal(self._hear)

    def watch(self, sender: str) -> None:
        """Say when `sender` has left; at once, when it has left already."""
        if sender not in self._watched and len(self._watched) < _MOST:
            self._watched.add(sender)
            self._spawn(self._begin(sender))

    async def _begin(self, sender: str) -> None:
        with contextlib.suppress(BusError):
            await self._connection.add_match(_rule(sender))
        # It may have left while the rule was made.
        if not (await self._connection.call_bus("NameHasOwner", "s", [sender]))[0]:
            self._leave(sender)

    def _hear(self, signal: Signal) -> None:
        if (signal.sender, signal.member) != (_BUS, _CHANGED):
            return
        name, _, owner = signal.body
        if not owner:
            self._leave(name)

    def _leave(self, sender: str) -> None:
        if sender in self._watched:
            self._watched.discard(sender)
            self._spawn(self._end(sender))
            self._on_gone(sender)

    async def _end(self, sender: str) -> None:
        with contextlib.suppress(BusError):
            await self._connection.call_bus("RemoveMatch", "s", [_rule(sender)])


def _rule(sender: str) -> str:
    return f"type='signal',sender='{_BUS}',interface='{_BUS}',member='{_CHANGED}',arg0='{sender}'"
