"""The guard: every method states its polkit action beside its name, and the dispatcher asks.

`@requires(action)` is checked before the method runs. `@guarded_inside("why")` is for methods that
check for themselves, because what they need depends on the object; a test walks all methods and
finds none without one of the two.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.auditing import NOT_ASKED
from luminous_protocol.errors import NotAuthorized
from luminous_protocol.names import Action

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from luminous_daemon.core.ports import Authority, Caller

    Exported = Callable[..., Awaitable[tuple[Any, ...]]]

_KEPT_SECONDS = 10.0
_KEPT = 1024
_STANDING_SECONDS = 300.0
"""So long who was allowed to read may read on while polkit itself does not answer."""


def requires(action: Action) -> Callable[[Exported], Exported]:
    """Let a method run only when polkit allows `action`, without asking a person."""

    def mark(function: Exported) -> Exported:
        function.__dict__["guard"] = action
        return function

    return mark


def guarded_inside(reason: str) -> Callable[[Exported], Exported]:
    """Let a method check for itself, for `reason`."""

    def mark(function: Exported) -> Exported:
        function.__dict__["guard"] = reason
        return function

    return mark


class Guard:
    """Asks polkit for actions that need no person, and remembers a yes for some seconds."""

    def __init__(self, authority: Authority) -> None:
        """Ask `authority`."""
        self._authority = authority
        self._allowed: dict[tuple[str, str], float] = {}

    async def check(self, caller: Caller, action: str) -> None:
        """Return when allowed. Raises an `AuthorizationError`."""
        key = (caller.sender, action)
        now = time.monotonic()
        known = self._allowed.get(key)
        if known is not None and known > now:
            return
        try:
            await self._authority.require(caller, action, {}, ask=None)
        except NotAuthorized as refusal:
            is_decided = refusal.details.get("cause") != NOT_ASKED
            stands = known is not None and known + _STANDING_SECONDS > now
            if is_decided or action != Action.READ or not stands:
                self._allowed.pop(key, None)
                raise
            return
        if len(self._allowed) >= _KEPT:
            self._allowed.clear()
        self._allowed[key] = now + _KEPT_SECONDS
