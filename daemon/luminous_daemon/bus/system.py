"""`org.luminous1.System`: plans, rebuilds, rollbacks, generations and the state of the machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.bounded import Bounded
from luminous_daemon.bus.comparison import compare
from luminous_daemon.bus.guard import guarded_inside, requires
from luminous_daemon.bus.kept import Kept
from luminous_daemon.bus.plan import wishes_from
from luminous_daemon.bus.wire import (
    entry_to_dict,
    generation_to_dict,
    option_to_dict,
    package_to_dict,
    record_to_dict,
    verification_to_dict,
)
from luminous_daemon.configuration.module_file import tidy_words
from luminous_daemon.core.describing import Describing
from luminous_daemon.core.planning import Request
from luminous_protocol.changes import CollectGarbage, Rebuild, SwitchGeneration
from luminous_protocol.codec import parse_changes, take_options
from luminous_protocol.errors import UnknownGeneration
from luminous_protocol.names import Action

if TYPE_CHECKING:
    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.bus.status import StatusBoard
    from luminous_daemon.core.ports import Caller, Generation
    from luminous_protocol.changes import Change

_RUN_OPTIONS = {"words": str, "wait": bool, "confirm-within": int, "interactive": bool}
_MAX_LISTED = 1000
MAX_QUESTIONS = 4
"""So many questions of one user about options and packages wait for Nix at most."""


class SystemInterface:
    """The machine as a whole."""

    def __init__(self, objects: Objects, status: StatusBoard) -> None:
        """Make plans and transactions through `objects`."""
        self._objects = objects
        self._world = objects.world
        self._status = status
        self._reading = asyncio.Lock()
        self._describing = Describing(objects.world)
        self._questions = Bounded(MAX_QUESTIONS, "questions")
        self._generations = Kept(
            lambda: (status.stamp(), objects.records(1)), self._describe_generations
        )

    @requires(Action.PLAN)
    async def plan(
        self, caller: Caller, changes: list[dict[str, Any]], options: dict[str, Any]
    ) -> tuple[str]:
        """Begin to prepare a plan; its State says when it is ready."""
        taken = take_options(options, {"words": str, "build": bool})
        request = Request(
            changes=parse_changes(changes),
            caller=caller,
            words=tidy_words(taken.get("words", "")),
            build=taken.get("build", False),
        )
        return (self._objects.plan(request).path,)

    @requires(Action.PLAN)
    async def rebuild(self, caller: Caller, action: str, options: dict[str, Any]) -> tuple[str]:
        """Plan and apply in one step: build the configuration as it is."""
        return await self._plan_and_apply(caller, Rebuild(action), action, options)

    @requires(Action.PLAN)
    async def rollback(
        self, caller: Caller, generation: int, options: dict[str, Any]
    ) -> tuple[str]:
        """Plan and apply in one step: go to a generation that exists; 0 is the one before."""
        return await self._plan_and_apply(caller, SwitchGeneration(generation), "switch", options)

    @requires(Action.PLAN)
    async def collect_garbage(self, caller: Caller, options: dict[str, Any]) -> tuple[str]:
        """Begin to prepare a plan that deletes old generations."""
        taken = take_options(options, {"older-than-days": int, "keep": int, "words": str})
        change = CollectGarbage(taken.get("older-than-days", 0), taken.get("keep", 0))
        request = Request((change,), caller, tidy_words(taken.get("words", "")))
        return (self._objects.plan(request).path,)

    @requires(Action.READ)
    async def list_generations(self, _caller: Caller) -> tuple[list[dict[str, Any]]]:
        """Return all generations, newest first."""
        return (self._generations.read(),)

    @requires(Action.READ)
    async def compare_generations(
        self, _caller: Caller, before: int, after: int
    ) -> tuple[dict[str, Any]]:
        """Return what differs between two generations."""
        return (await compare(self._world, self._find(before), self._find(after)),)

    @requires(Action.READ)
    async def describe_option(
        self, caller: Caller, name: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell how an option stands on this machine."""
        take_options(options, {})
        with self._questions.counted(caller):
            return (option_to_dict(await self._describing.option(name, caller.uid)),)

    @requires(Action.READ)
    async def describe_package(
        self, caller: Caller, name: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell how a package stands on this machine."""
        take_options(options, {})
        with self._questions.counted(caller):
            return (package_to_dict(await self._describing.package(name, caller.uid)),)

    @requires(Action.READ)
    async def list_transactions(
        self, _caller: Caller, options: dict[str, Any]
    ) -> tuple[list[dict[str, Any]]]:
        """Return the newest transactions, newest first."""
        limit = take_options(options, {"limit": int}).get("limit", 50)
        records = self._objects.records(min(max(limit, 0), _MAX_LISTED))
        return ([record_to_dict(record, path) for record, path in records],)

    @requires(Action.READ)
    async def list_audit(
        self, caller: Caller, options: dict[str, Any]
    ) -> tuple[list[dict[str, Any]]]:
        """Return the newest entries of the audit record, newest first."""
        taken = take_options(options, {"limit": int, "everybody": bool})
        limit = min(max(taken.get("limit", 50), 0), _MAX_LISTED)
        is_own = caller.uid != 0 and not taken.get("everybody", False)
        if not is_own:
            await self._check_auditor(caller, "read who asked for what")
        async with self._reading:
            found = await self._world.audit.entries(limit, caller.uid if is_own else None)
        return ([entry_to_dict(entry) for entry in found],)

    @guarded_inside("read-audit, for which polkit may ask a person")
    async def verify_audit(self, caller: Caller, options: dict[str, Any]) -> tuple[dict[str, Any]]:
        """Check the whole audit record, entry by entry."""
        take_options(options, {})
        await self._check_auditor(caller, "check the record of who asked for what")
        async with self._reading:
            return (verification_to_dict(await self._world.audit.verify()),)

    async def _check_auditor(self, caller: Caller, summary: str) -> None:
        details = {"summary": summary, "user": caller.user}
        await self._world.authority.require(caller, Action.READ_AUDIT, details, ask=lambda: None)

    @requires(Action.READ)
    async def status(self, _caller: Caller) -> tuple[dict[str, Any]]:
        """Return the state of the machine in short."""
        return (await self._status.read(),)

    async def _plan_and_apply(
        self, caller: Caller, change: Change, mode: str, options: dict[str, Any]
    ) -> tuple[str]:
        taken = take_options(options, _RUN_OPTIONS)
        words = tidy_words(taken.pop("words", ""))
        wishes = wishes_from(mode, taken)
        request = Request((change,), caller, words)
        transaction = self._objects.begin_request(request, wishes)
        await transaction.answered()
        return (transaction.path,)

    def _describe_generations(self) -> list[dict[str, Any]]:
        made = {
            record.made: record
            for record, _ in reversed(self._objects.records(_MAX_LISTED))
            if record.made
        }
        generations = self._world.profile.generations()
        return [generation_to_dict(item, made.get(item.number)) for item in generations]

    def _find(self, number: int) -> Generation:
        for generation in self._world.profile.generations():
            if generation.number == number or (number == 0 and generation.is_current):
                return generation
        raise UnknownGeneration(
            f"There is no generation {number}. To list them: ask-nix generations"
        )
