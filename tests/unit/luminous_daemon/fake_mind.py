"""A mind that finds what it was given, and fails when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from luminous_protocol.indexing import IndexReport
from luminous_protocol.passages import Named

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from luminous_protocol.errors import LuminousError
    from luminous_protocol.indexing import IndexRequest, IndexStep
    from luminous_protocol.passages import NameRequest, Passage, SearchRequest


@dataclass
class FakeMind:
    """Keeps what it was asked."""

    passages: list[Passage] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    failure: LuminousError | None = None
    gate: asyncio.Event | None = None
    asked: list[SearchRequest] = field(default_factory=list)
    ingested: list[IndexRequest] = field(default_factory=list)
    steps: list[IndexStep] = field(default_factory=list)
    report: IndexReport = field(default_factory=IndexReport)

    async def search(self, request: SearchRequest) -> list[Passage]:
        """Find what there is."""
        self.asked.append(request)
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        return self.passages[: request.limit]

    async def describe(self, request: NameRequest) -> Named:
        """Know what it was given."""
        if self.failure:
            raise self.failure
        return self.named.get(request.name, Named(nearest=tuple(self.named)))

    async def status(self) -> dict[str, Any]:
        """Tell what it was given."""
        if self.failure:
            raise self.failure
        return self.told

    async def ingest(
        self, request: IndexRequest, on_step: Callable[[IndexStep], None]
    ) -> IndexReport:
        """Tell the steps that it was given, and then the report."""
        self.ingested.append(request)
        for step in self.steps:
            on_step(step)
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        return self.report
