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
_ANSWER_SECONDS = 10.0
"""How long polkit may take for what it asks nobody; it needs a thousandth."""
_WITHDRAW_SECONDS = 2.0
_LONGEST_SILENCE_SECONDS = 30.0
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
        self._silences = 0
        self._silent_until = 0.0

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
        answer = await self._ask_at_once(caller, action, details)
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

    async def _ask_at_once(
        self, caller: Caller, action: str, details: Mapping[str, str]
    ) -> _Answer:
        """Return what polkit says without asking a person; it has to say it soon.

        While it says nothing, few try again: what waits for it must not fill the bus.
        """
        now = asyncio.get_running_loop().time
        if now() < self._silent_until:
            raise _silent()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await self._check(caller, action, details, 0)
        except TimeoutError:
            pause = min(2.0**self._silences, _LONGEST_SILENCE_SECONDS)
            self._silent_until = now() + pause
            self._silences += 1
            raise _silent() from None
        self._silences, self._silent_until = 0, 0.0
        return answer

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
        match reply:
            case [[bool(is_authorised), bool(is_challenge), dict(said)]]:
                return _Answer(is_authorised, is_challenge, bool(said.get("polkit.dismissed")))
        raise NotAuthorized(
            "polkit's answer is not one that it gives, so nothing was changed. Look at: systemctl "
            "status polkit",
            {"cause": NOT_ASKED},
        )

    async def _withdraw(self, token: str) -> None:
        with contextlib.suppress(BusError, TimeoutError):
            async with asyncio.timeout(_WITHDRAW_SECONDS):
                await self._connection.call(
                    _SERVICE, _PATH, (_AUTHORITY, "CancelCheckAuthorization"), ("s", [token])
                )


def _silent() -> NotAuthorized:
    return NotAuthorized(
        "polkit does not answer, so nothing was changed. Try again, or look at: systemctl status "
        "polkit",
        {"cause": NOT_ASKED},
    )
