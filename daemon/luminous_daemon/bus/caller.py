"""Who called: the bus's own word about a sender, never an argument's."""

from __future__ import annotations

import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.ports import Caller
from luminous_protocol.dbus import BusError
from luminous_protocol.errors import NotAuthorized

if TYPE_CHECKING:
    from luminous_protocol.dbus import Connection

_KEPT = 512


class Callers:
    """Looks callers up, and remembers them: a unique name never changes its process."""

    def __init__(self, connection: Connection) -> None:
        """Ask the bus behind `connection`."""
        self._connection = connection
        self._known: dict[str, Caller] = {}

    async def identify(self, sender: str) -> Caller:
        """Return who `sender` is. Raises `NotAuthorized` when it has left the bus already."""
        known = self._known.get(sender)
        if known is None:
            known = await self._ask(sender)
            while len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[sender] = known
        return known

    async def _ask(self, sender: str) -> Caller:
        try:
            reply = await self._connection.call_bus("GetConnectionCredentials", "s", [sender])
        except BusError as error:
            raise NotAuthorized("The caller has left the bus.") from error
        uid, pid = int(reply[0]["UnixUserID"]), int(reply[0].get("ProcessID", 0))
        return Caller(sender, uid, pid, user_name(uid), _program(pid))


def user_name(uid: int) -> str:
    """Return the account's name, or the number as text."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _program(pid: int) -> str:
    """Return what a process calls itself, or nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return ""
