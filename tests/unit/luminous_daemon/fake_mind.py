"""A mind that finds what it was given, and fails when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.indexing import IndexReport
from luminous_protocol.passages import Named
from luminous_protocol.understanding import Judgement

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.diagnosis.request import ExplainRequest
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
    judgements: dict[str, Judgement] = field(default_factory=dict)
    judged: list[str] = field(default_factory=list)
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

    async def explain(self, request: ExplainRequest) -> Diagnosis:
        """Explain it by rules alone."""
        if self.failure:
            raise self.failure
        return diagnose(request.text, request.configuration)

    async def judge(self, text: str) -> Judgement:
        """Say of a sentence what it was given, or that it asks for nothing."""
        self.judged.append(text)
        if self.failure:
            raise self.failure
        return self.judgements.get(text, Judgement("other", 1.0))

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
