"""Plans that change the configuration or its inputs, or build it as it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_daemon.core import policy
from luminous_daemon.core.comparing import System, compare_packages, reboot_reason
from luminous_daemon.core.definitions import Attribution, Definition, edit, inverse
from luminous_daemon.core.planning.request import Request, sealed, way_back
from luminous_daemon.core.ports import (
    Candidate,
    FileEdit,
    InputsUpdate,
    PathChange,
    Prepared,
    Snapshot,
)
from luminous_daemon.core.resolving import Resolution, Situation, apart, query_for, resolve
from luminous_daemon.core.units import compare_units
from luminous_protocol.changes import Change, Rebuild, RestoreInputs, UpdateInputs, change_to_dict
from luminous_protocol.errors import (
    NothingToDo,
    NotImported,
    UnknownGeneration,
    UnknownOption,
    UnknownPackage,
)
from luminous_protocol.plan import Plan, Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_daemon.core.facts import Evaluation, Facts
    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.ports import World
    from luminous_protocol.transaction import Progress

_DRIFTED_ALREADY = (
    "Your configuration already differs from the system that runs. "
    "This plan applies those differences too."
)
_NO_INPUTS = InputsUpdate((), (), "", 0)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A configuration plan in the making."""

    edit: FileEdit | None = None
    inverse: tuple[Change, ...] = ()
    digest: str = ""
    inputs: InputsUpdate = _NO_INPUTS
    resolutions: tuple[Resolution, ...] = ()
    notes: tuple[str, ...] = ()


class ConfigurationPlanner:
    """Prepares one plan."""

    def __init__(self, world: World, on_disk: OnDisk, expires: int) -> None:
        """Plan over `world` what can be applied until `expires` (seconds since the epoch)."""
        self._world = world
        self._on_disk = on_disk
        self._expires = expires

    async def prepare(
        self, request: Request, progress: Callable[[Progress, str], None]
    ) -> Prepared:
        """Return a plan for changes of the configuration, its inputs, or a plain rebuild."""
        world = self._world
        draft, base, after = await self._evaluate(request)
        running = world.profile.running()
        if not draft.edit and self._is_in_force(after.toplevel):
            raise NothingToDo("The configuration is built already: it runs, and boots by default.")
        change = PathChange(base.paths, after.paths)
        closure, before = await asyncio.gather(
            world.store.preview(after.derivation, after.toplevel, running, change),
            self._running_system(running, base),
        )
        system = System(after.packages, after.units, after.boot)
        if request.build:
            toplevel = await world.store.build(after.derivation, progress)
            units, boot = world.toplevels.units(toplevel), world.toplevels.boot(toplevel)
            system = System(after.packages, units, boot)
            before = replace(before, units=world.toplevels.units(running))
            size = await world.store.closure_size(toplevel)
            closure = replace(closure, after=size, builds=(), fetches=0, download=0)
        reason = reboot_reason(world.toplevels.boot(world.profile.booted() or running), system.boot)
        plan = Plan(
            id="",
            summary=_summary(request.changes, draft),
            risk=_risk(request.changes, draft.resolutions),
            changes=request.changes,
            action=policy.action_for(request.changes),
            expires=self._expires,
            configuration_diff=draft.edit.diff if draft.edit else "",
            packages=compare_packages(before.packages, system.packages),
            closure=closure,
            units=compare_units(before.units, system.units),
            reboot_required=bool(reason),
            reboot_reason=reason,
            warnings=(*draft.notes, *_drift(base, running, draft)),
        )
        return sealed(
            Prepared(
                plan=plan,
                words=request.words,
                base=running,
                default=world.profile.default(),
                digest=draft.digest,
                edit=draft.edit,
                inverse=draft.inverse or way_back(world.profile.generations()),
                derivation=after.derivation,
                toplevel=after.toplevel if closure.after >= 0 else "",
                inputs=draft.inputs if draft.inputs.main else None,
            )
        )

    def _is_in_force(self, toplevel: str) -> bool:
        profile = self._world.profile
        return any(
            item.toplevel == toplevel and item.is_current and item.is_default
            for item in profile.generations()
        )

    async def _draft(self, request: Request) -> _Draft:
        inputs, notes = await self._inputs(request.changes)
        edits = tuple(
            change
            for change in request.changes
            if not isinstance(change, UpdateInputs | RestoreInputs | Rebuild)
        )
        back = (RestoreInputs(inputs.before),) if inputs.main and inputs.before else ()
        if not edits:
            digest = self._world.configuration.digest()
            return _Draft(inputs=inputs, digest=digest, inverse=back, notes=notes)
        snapshot = self._world.configuration.read()
        groups = apart(edits)
        look_up = self._world.evaluator.look_up
        facts = await asyncio.gather(
            *(look_up(query_for(group, snapshot.definitions), inputs.main) for group in groups)
        )
        if not facts[0].is_imported:
            raise NotImported(
                f"Your configuration does not import {snapshot.file}, so nothing written there "
                "would have an effect. Add it to the imports of your configuration.",
                {"file": snapshot.file},
            )
        known = [(change, of) for group, of in zip(groups, facts, strict=True) for change in group]
        resolutions, remarks = await self._resolve(known, snapshot)
        notes += remarks
        if not resolutions:
            if not (inputs.main or any(isinstance(item, Rebuild) for item in request.changes)):
                raise NothingToDo(" ".join(notes))
            return _Draft(inputs=inputs, digest=snapshot.digest, inverse=back, notes=notes)
        definitions = _edited(snapshot, resolutions, self._attribution(request))
        text = self._world.configuration.render(definitions)
        return _Draft(
            edit=self._world.configuration.plan_edit(snapshot, text),
            inverse=(*inverse(snapshot.definitions, definitions), *back),
            digest=snapshot.digest,
            inputs=inputs,
            resolutions=resolutions,
            notes=notes,
        )

    def _attribution(self, request: Request) -> Attribution:
        words = request.words or "; ".join(
            " ".join(map(str, change_to_dict(change).values())) for change in request.changes
        )
        return Attribution(request.caller.user, int(self._world.clock()), words)

    async def _inputs(self, changes: Sequence[Change]) -> tuple[InputsUpdate, tuple[str, ...]]:
        """Return the inputs that are asked for; what is so already is a note beside the rest."""
        inputs = self._world.inputs
        for change in changes:
            if isinstance(change, UpdateInputs):
                try:
                    return await inputs.fetch(change.inputs), ()
                except NothingToDo as error:
                    if len(changes) == 1:
                        raise
                    return _NO_INPUTS, (error.message,)
            if isinstance(change, RestoreInputs):
                main = inputs.path_of(change.generation)
                if not main:
                    raise UnknownGeneration(
                        f"The channels have no generation {change.generation} any more."
                    )
                return InputsUpdate((), (), main, inputs.generation()), ()
        return _NO_INPUTS, ()

    async def _resolve(
        self, changes: Sequence[tuple[Change, Facts]], snapshot: Snapshot
    ) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
        """Resolve each change in the light of those before it; what is so already is a note."""
        resolutions: list[Resolution] = []
        notes: list[str] = []
        definitions = snapshot.definitions
        for change, facts in changes:
            try:
                found = resolve(
                    change, Situation(facts, definitions, self._world.configuration.locate)
                )
            except NothingToDo as error:
                notes.append(error.message)
                continue
            except UnknownPackage as error:
                raise await self._with_nearest_packages(error, change) from None
            except UnknownOption as error:
                raise await self._with_nearest_options(error, change) from None
            resolutions.append(found)
            notes += found.notes
            definitions = edit(definitions, found.edits, Attribution("", 0, ""))
        return tuple(resolutions), tuple(notes)

    async def _with_nearest_packages(self, error: UnknownPackage, change: Change) -> UnknownPackage:
        name = getattr(change, "package", "")
        nearest = await self._world.evaluator.nearest_packages(name)
        return UnknownPackage(error.message + _did_you_mean(nearest), {"nearest": nearest})

    async def _with_nearest_options(self, error: UnknownOption, change: Change) -> UnknownOption:
        name = getattr(change, "option", "") or getattr(change, "target", "")
        if error.details.get("package"):
            return error
        nearest = await self._world.evaluator.nearest_options(name)
        return UnknownOption(error.message + _did_you_mean(nearest), {"nearest": nearest})

    async def _evaluate(self, request: Request) -> tuple[_Draft, Evaluation, Evaluation]:
        """Draft the plan, and evaluate the configuration as it is and as it would be."""
        if all(isinstance(change, Rebuild) for change in request.changes):
            draft = await self._draft(request)
            only = await self._on_disk.evaluate()
            return draft, only, only
        looking = asyncio.create_task(self._on_disk.last_evaluation())
        try:
            draft = await self._draft(request)
            candidate = Candidate(draft.edit, draft.inputs.main)
            after = await self._world.evaluator.evaluate(candidate)
            base = await looking
        finally:
            looking.cancel()
            await asyncio.wait({looking})
        return draft, base, after

    async def _running_system(self, running: str, base: Evaluation) -> System:
        """Return what runs: as evaluated where it is the same system, else as it is built."""
        if base.toplevel == running:
            return System(base.packages, base.units, base.boot)
        packages = await self._world.store.packages_of(running)
        toplevels = self._world.toplevels
        return System(packages, toplevels.units(running), toplevels.boot(running))


def _edited(
    snapshot: Snapshot, resolutions: Sequence[Resolution], attribution: Attribution
) -> tuple[Definition, ...]:
    edits = [change for found in resolutions for change in found.edits]
    return edit(snapshot.definitions, edits, attribution)


def _did_you_mean(nearest: Sequence[str]) -> str:
    if not nearest:
        return ""
    *others, last = nearest
    return f" Did you mean {', '.join(others)} or {last}?" if others else f" Did you mean {last}?"


def _summary(changes: Sequence[Change], draft: _Draft) -> str:
    parts = [found.summary for found in draft.resolutions]
    if draft.inputs.names:
        parts.append(f"update {', '.join(draft.inputs.names)}")
    elif draft.inputs.main:
        parts.append("go back to the channels from before")
    if not parts:
        parts = [f"rebuild ({_mode(changes)})"]
    return "; ".join(parts)


def _risk(changes: Sequence[Change], resolutions: Sequence[Resolution]) -> Risk:
    options = [option for found in resolutions for option in found.options]
    risks = [policy.risk_of(change, options) for change in changes]
    dangers = [Risk.HIGH for found in resolutions if found.is_dangerous]
    return policy.highest([*risks, *dangers])


def _mode(changes: Sequence[Change]) -> str:
    return next((change.action for change in changes if isinstance(change, Rebuild)), "switch")


def _drift(base: Evaluation, running: str, draft: _Draft) -> tuple[str, ...]:
    if base.toplevel == running or not draft.edit:
        return ()
    return (_DRIFTED_ALREADY,)
