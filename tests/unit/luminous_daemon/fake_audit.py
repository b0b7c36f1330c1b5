"""An audit record in memory, which can be full."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.auditing import Verification
from luminous_protocol.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class FakeAudit:
    """Keeps entries as JSON gives them back. `full_at` names the events that find no room."""

    written: list[Mapping[str, Any]] = field(default_factory=list)
    pending: deque[Mapping[str, Any]] = field(default_factory=deque)
    full_at: set[str] = field(default_factory=set)
    problem: str = ""

    def record(self, entry: Mapping[str, Any]) -> None:
        """Write an entry."""
        if entry["event"] in self.full_at:
            raise StorageFailed("It cannot be recorded who asked for this.")
        while self.pending:
            self.written.append(self.pending.popleft())
        self.written.append(json.loads(json.dumps(entry)))

    def record_late(self, entry: Mapping[str, Any]) -> None:
        """Write an entry now or later."""
        try:
            self.record(entry)
        except StorageFailed:
            self.pending.append(entry)

    def unended(self) -> list[Mapping[str, Any]]:
        """Return what was asked for without an end."""
        ended = {e["transaction"] for e in self.written if e["event"] in {"ended", "recovered"}}
        asked = [e for e in self.written if e["event"] == "asked"]
        return [entry for entry in asked if entry["transaction"] not in ended]

    async def entries(self, limit: int, uid: int | None) -> list[Mapping[str, Any]]:
        """Return the newest entries."""
        own = [e for e in self.written if uid in (None, e.get("uid"), e.get("owner"))]
        return list(reversed(own))[:limit]

    async def verify(self) -> Verification:
        """Say what a test wants said."""
        return Verification(len(self.written), 5, "f" * 64, problem=self.problem)

    def events(self) -> list[str]:
        """Return what was recorded, in short."""
        return [str(entry["event"]) for entry in self.written]
