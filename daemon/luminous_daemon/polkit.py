"""Polkit: asking once whether a caller may do what an action stands for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING

from luminous_protocol.dbus import BusError
from luminous_protocol.errors import Dismissed, NoAgent, NotAuthorized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.ports import Caller
    from luminous_protocol.dbus import Connection

_SERVICE = "org.freedesktop.PolicyKit1"
_PATH = "/org/freedesktop/PolicyKit1/Authority"
_AUTHORITY = "org.freedesktop.PolicyKit1.Authority"
_ALLOW_INTERACTION = 1


class Polkit:
    """The authority on the system bus."""

    def __init__(self, connection: Connection) -> None:
        """Ask over `connection`, whose owner must be root or own the actions."""
        self._connection = connection
        self._numbers = itertools.count(1)

    async def require(
        self, caller: Caller, action: str, details: Mapping[str, str], *, interactive: bool
    ) -> None:
        """Return when `caller` is allowed; a person may take minutes to say so.

        When the task is cancelled, the question on the screen goes away too.
        """
        token = f"luminous-{next(self._numbers)}"
        arguments = [
            ("system-bus-name", {"name": caller.sender}),
            action,
            dict(details),
            _ALLOW_INTERACTION if interactive else 0,
            token,
        ]
        try:
            reply = await self._connection.call(
                _SERVICE, _PATH, (_AUTHORITY, "CheckAuthorization"), ("(sa{sv})sa{ss}us", arguments)
            )
        except BusError as error:
            raise NotAuthorized(f"polkit cannot be asked: {error.message or error.name}") from error
        except asyncio.CancelledError:
            await asyncio.shield(self._withdraw(token))
            raise
        is_authorised, is_challenge, answer = reply[0]
        if is_authorised:
            return
        if answer.get("polkit.dismissed"):
            raise Dismissed("The question was closed without an answer, so nothing was changed.")
        if is_challenge:
            raise NoAgent(
                "Nobody could be asked for permission: this session has no polkit agent. "
                "Run ask-nix in a terminal, or as root."
            )
        raise NotAuthorized(
            f"polkit does not allow {caller.user} to do this ({action}), so nothing was changed."
        )

    async def _withdraw(self, token: str) -> None:
        with contextlib.suppress(BusError):
            await self._connection.call(
                _SERVICE, _PATH, (_AUTHORITY, "CancelCheckAuthorization"), ("s", [token])
            )
