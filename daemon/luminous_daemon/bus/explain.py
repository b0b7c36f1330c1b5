"""`org.luminous1.Explain`: why the machine is as it is. Nothing is changed or planned here."""
# ruff: noqa: PLC0415 - what explains is imported when somebody asks: most days nobody does

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.bounded import Bounded
from luminous_daemon.bus.guard import requires
from luminous_daemon.bus.wire import record_to_dict
from luminous_protocol.codec import take_options
from luminous_protocol.errors import InvalidValue
from luminous_protocol.names import Action
from luminous_protocol.variants import Typed

if TYPE_CHECKING:
    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.core.explaining.changed import Span
    from luminous_daemon.core.ports import Caller

MAX_QUESTIONS = 4
"""So many questions of one user are under way at most."""
_LOOKED_AT = 1000
_LONGEST_NAME = 300


class ExplainInterface:
    """Answers why, what and since when."""

    def __init__(self, objects: Objects) -> None:
        """Look at the machine behind `objects`."""
        self._objects = objects
        self._world = objects.world
        self._questions = Bounded(MAX_QUESTIONS, "explanations")
        self._counting = asyncio.Lock()

    @requires(Action.READ)
    async def why(
        self, caller: Caller, name: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell why something is on this machine."""
        from luminous_daemon.bus.explained import presence_to_dict
        from luminous_daemon.core.explaining.presence import Tracing

        take_options(options, {})
        _check_length(name)
        with self._questions.counted(caller):
            tracing = Tracing(self._world, self._world.sights().references, caller.uid)
            return (presence_to_dict(await tracing.explain(name)),)

    @requires(Action.READ)
    async def disk(self, caller: Caller, options: dict[str, Any]) -> tuple[dict[str, Any]]:
        """Tell what fills the disks."""
        from luminous_daemon.bus.explained import disk_to_dict
        from luminous_daemon.core.explaining.disk import report_disk

        take_options(options, {})
        with self._questions.counted(caller):
            async with self._counting:  # two at once would only slow each other down
                return (disk_to_dict(await report_disk(self._world, self._world.sights(), caller)),)

    @requires(Action.READ)
    async def changes(self, caller: Caller, options: dict[str, Any]) -> tuple[dict[str, Any]]:
        """Tell what changed up to the generation that runs."""
        from luminous_daemon.bus.comparison import compare
        from luminous_daemon.core.explaining.changed import records_in

        taken = take_options(options, {"since": int, "generation": int})
        with self._questions.counted(caller):
            span = self._span(taken)
            found = {path: record for record, path in self._objects.records(_LOOKED_AT)}
            kept = {item.id for item in records_in(span, list(found.values()))}
            done = [record_to_dict(item, path) for path, item in found.items() if item.id in kept]
            return (
                {
                    "since": span.since,
                    "before": span.before.number,
                    "after": span.after.number,
                    "cut-short": span.is_cut_short,
                    "comparison": await compare(self._world, span.before, span.after),
                    "transactions": Typed("aa{sv}", done),
                },
            )

    @requires(Action.READ)
    async def unit(
        self, caller: Caller, name: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell how a unit is, and why it failed."""
        from luminous_daemon.bus.explained import unit_to_dict
        from luminous_daemon.core.explaining.unit import report_unit

        take_options(options, {})
        _check_length(name)
        with self._questions.counted(caller):
            report = await report_unit(self._world, self._world.sights(), name, caller)
            return (unit_to_dict(report),)

    @requires(Action.READ)
    async def health(self, caller: Caller, options: dict[str, Any]) -> tuple[list[dict[str, Any]]]:
        """Tell what wants attention."""
        from luminous_daemon.bus.explained import finding_to_dict
        from luminous_daemon.core.explaining.checkup import check_up

        take_options(options, {})
        with self._questions.counted(caller):
            findings = await check_up(self._world, self._world.sights())
        return ([finding_to_dict(finding) for finding in findings],)

    def _span(self, taken: dict[str, Any]) -> Span:
        from luminous_daemon.core.explaining.changed import span_before, span_from, span_since

        generations = self._world.profile.generations()
        if "since" in taken and "generation" in taken:
            raise InvalidValue("Name a time or a generation, not both.")
        if "since" in taken:
            return span_since(generations, taken["since"])
        if "generation" in taken:
            return span_from(generations, taken["generation"])
        return span_before(generations)


def _check_length(name: str) -> None:
    if len(name) > _LONGEST_NAME:
        raise InvalidValue(f"The name is longer than {_LONGEST_NAME} characters.")
