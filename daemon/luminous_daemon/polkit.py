"""Polkit: asking once whether a caller may do what an action stands for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING, NamedTuple

from luminous_daemon.core.auditing import NOT_ASKED
from luminous_protocol.dbus import BusError
from luminous_protocol.errors import Dismissed, NoAgent, NotAuthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_daemon.core.ports import Caller
    from luminous_protocol.dbus import Connection

_SERVICE = "org.freedesktop.PolicyKit1"
_PATH = "/org/freedesktop/PolicyKit1/Authority"
_AUTHORITY = "org.freedesktop.PolicyKit1.Authority"
_ALLOW_INTERACTION = 1
_HUNG_UP = "org.freedesktop.DBus.Error.NameHasNoOwner"


class _Answer(NamedTuple):
    """What polkit says. A challenge is a no that a person could make a yes."""

    is_authorised: bool
    is_challenge: bool
    is_dismissed: bool


class Polkit:
    """The authority on the system bus."""

    def __init__(self, connection: Connection) -> None:
        """Ask over `connection`, whose owner must be root or own the actions."""
        self._connection = connection
        self._numbers = itertools.count(1)

    async def require(
        self,
        caller: Caller,
        action: str,
        details: Mapping[str, str],
        *,
        ask: Callable[[], None] | None,
    ) -> None:
        """Return when `caller` is allowed; a person may take minutes to say so.

        A person is asked, after `ask` was called, only when that may change the answer; None
        forbids it. When the task is cancelled, the question on the screen goes away too.
        """
        if caller.uid == 0:
            return  # polkit allows root everything, but cannot be asked for one who has hung up
        answer = await self._check(caller, action, details, 0)
        if answer.is_challenge and ask:
            ask()
            answer = await self._check(caller, action, details, _ALLOW_INTERACTION)
        if answer.is_authorised:
            return
        if answer.is_dismissed:
            raise Dismissed("The question was closed without an answer, so nothing was changed.")
        if answer.is_challenge:
            raise NoAgent(
                "Nobody could be asked for permission: this session has no polkit agent. "
                "Run ask-nix in a terminal, or as root."
            )
        raise NotAuthorized(
            f"polkit does not allow {caller.user} to do this ({action}), so nothing was changed."
        )

    async def _check(
        self, caller: Caller, action: str, details: Mapping[str, str], flags: int
    ) -> _Answer:
        token = f"luminous-{next(self._numbers)}"
        subject = ("system-bus-name", {"name": caller.sender})
        arguments = [subject, action, dict(details), flags, token]
        try:
            reply = await self._connection.call(
                _SERVICE, _PATH, (_AUTHORITY, "CheckAuthorization"), ("(sa{sv})sa{ss}us", arguments)
            )
        except BusError as error:
            if _HUNG_UP in error.message or error.name == _HUNG_UP:
                raise NotAuthorized(
                    f"{caller.user} left the bus before permission was given, so nothing was "
                    "changed. Stay connected until the transaction ends."
                ) from error
            raise NotAuthorized(
                f"polkit cannot be asked: {error.message or error.name}", {"cause": NOT_ASKED}
            ) from error
        except asyncio.CancelledError:
            await asyncio.shield(self._withdraw(token))
            raise
        is_authorised, is_challenge, details_of_answer = reply[0]
        return _Answer(is_authorised, is_challenge, bool(details_of_answer.get("polkit.dismissed")))

    async def _withdraw(self, token: str) -> None:
        with contextlib.suppress(BusError):
            await self._connection.call(
                _SERVICE, _PATH, (_AUTHORITY, "CancelCheckAuthorization"), ("s", [token])
            )
