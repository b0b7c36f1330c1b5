"""Polkit in memory: it says yes, unless there is trouble."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_daemon.core.ports import Caller
    from tests.unit.luminous_daemon.fake_world import Machine


@dataclass
class FakeAuthority:
    """Polkit: yes, unless there is trouble."""

    machine: Machine
    asked: list[tuple[Caller, str, dict[str, str], bool]] = field(default_factory=list)

    async def require(
        self,
        caller: Caller,
        action: str,
        details: Mapping[str, str],
        *,
        ask: Callable[[], None] | None,
    ) -> None:
        """Answer, having asked a person where that is possible."""
        self.asked.append((caller, action, dict(details), ask is not None))
        if ask:
            ask()
        await self.machine.take("authority.require")
