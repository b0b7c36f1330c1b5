"""Plans that change the configuration or its inputs, or build it as it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from luminous_daemon.core import policy
from luminous_daemon.core.comparing import System
from luminous_daemon.core.option_values import compare_options
from luminous_daemon.core.planning.effects import built_system, with_effects
from luminous_daemon.core.planning.evaluating import Evaluating
from luminous_daemon.core.planning.placing import prove_placed
from luminous_daemon.core.planning.repairs import has_new_hash
from luminous_daemon.core.planning.request import Request, sealed, way_back
from luminous_daemon.core.ports import PathChange
from luminous_daemon.core.prepared import Prepared
from luminous_daemon.core.space import Bootable, rooms_for, space_warnings
from luminous_protocol.changes import Change, Rebuild
from luminous_protocol.errors import (
    NothingToDo,
)
from luminous_protocol.names import Action
from luminous_protocol.plan import Closure, Plan, Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.core.facts import Evaluation
    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.planning.drafting import Draft
    from luminous_daemon.core.ports import World
    from luminous_daemon.core.resolving import Resolution
    from luminous_protocol.transaction import Progress

_NO_EFFECT = (
    "The line is written, and the system stays the same: it was so already, or other lines win."
)
_DRIFTED_ALREADY = (
    "Your configuration already differs from the system that runs. "
    "This plan applies those differences too."
)
_DID_NOT_EVALUATE = (
    "Your configuration does not evaluate as it is, so this plan shows what differs from the "
    "system that runs. It applies all of that."
)
_VALUES_WITHHELD = (
    "Which options differ is not shown, as they may come from a file of the configuration that you "
    "may not read."
)
_VALUES_UNREADABLE = (
    "Which options differ is not known, as their values cannot be read. The log of luminousd says "
    "why."
)
_VALUES_UNKNOWN = (
    "Which options differ is not known: Luminous did not make the system that runs, or made it "
    "before it kept their values."
)
_NAMED = 3
"""Files that a warning names; of more it says how many."""


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
        uncommitted = await world.repository.uncommitted()
        draft, base, after = await Evaluating(world, self._on_disk).evaluate(request)
        await prove_placed(world, draft)
        running = world.profile.running()
        if not draft.has_effect and self._is_in_force(after.toplevel):
            raise NothingToDo("The configuration is built already: it runs, and boots by default.")
        change = PathChange(base.paths if base else after.paths, after.paths)
        closure, before = await asyncio.gather(
            world.store.preview(after.derivation, after.toplevel, running, change),
            self._running_system(running, base or after),
        )
        system = _evaluated(after)
        if request.build:
            toplevel = await world.store.build(after.derivation, progress)
            system = built_system(world, toplevel, after.packages)
            before = built_system(world, running, before.packages)
            size = await world.store.closure_size(toplevel)
            closure = Closure(before=closure.before, after=size, estimate=closure.estimate)
        is_built = after.toplevel if closure.after >= 0 else ""
        bootable = Bootable(system.boot, is_built, after.boot_partition)
        rooms = rooms_for(world, closure, bootable)
        warnings = (*_warnings(draft, base, after, running), *_uncommitted(uncommitted))
        plan = replace(
            self._outline(
                request, draft, has_drifted=draft.has_effect and not _is_of(base, running)
            ),
            **self._options(request, draft, (base, after)),
            closure=closure,
            rooms=rooms,
            warnings=(*space_warnings(rooms), *warnings),
        )
        return sealed(
            Prepared(
                plan=with_effects(plan, world, before, system),
                words=request.words,
                undoes=request.undoes,
                base=running,
                default=world.profile.default(),
                digest=draft.digest,
                edit=draft.edit,
                placed=draft.placed,
                tracked=draft.tracked,
                inverse=draft.inverse or way_back(world.profile.generations()),
                derivation=after.derivation,
                toplevel=is_built,
                boot_partition=after.boot_partition,
                inputs=draft.inputs if draft.inputs.main else None,
                values=after.values,
                is_mending=base is None or has_new_hash(request.changes),
            )
        )

    def _is_in_force(self, toplevel: str) -> bool:
        profile = self._world.profile
        return any(
            item.toplevel == toplevel and item.is_current and item.is_default
            for item in profile.generations()
        )

    def _outline(self, request: Request, draft: Draft, *, has_drifted: bool) -> Plan:
        """Return the plan with what it does, and without what comes of it."""
        changes = request.changes
        risk = _risk(changes, draft.resolutions, has_drifted=has_drifted)
        return Plan(
            id="",
            summary=_summary(changes, draft, self._world.inputs.words),
            risk=risk,
            changes=changes,
            action=_action(changes, risk, has_drifted=has_drifted),
            expires=self._expires,
            configuration_diff="".join(edit.diff for edit in draft.edits),
        )

    def _options(
        self, request: Request, draft: Draft, systems: tuple[Evaluation | None, Evaluation]
    ) -> dict[str, Any]:
        """Return the fields of a plan about options, for who asks: before and after it.

        What a private file says can be in any value, for other modules make theirs of it.
        """
        base, after = systems
        sources = {*after.sources, *(base.sources if base else ())}
        may_read = self._world.configuration.may_read
        # What has no file of its own is written in one that has.
        if not all(may_read(file, request.caller.uid) for file in sources if file[:1] == "/"):
            return {"options": (), "options_problem": _VALUES_WITHHELD}
        values, problem = self._values_before(draft, base, after)
        options = compare_options(values, after.values or {})
        return {"options": options, "options_problem": problem}

    def _values_before(
        self, draft: Draft, base: Evaluation | None, after: Evaluation
    ) -> tuple[Mapping[str, str], str]:
        """Return the values of options to compare with, and why they are not known if so.

        A rebuild is compared with what is kept of the system that runs, and so is what did not
        evaluate before.
        """
        if base is None:
            kept = self._world.values.of(self._world.profile.running())
            return (after.values or {}, _VALUES_UNKNOWN) if kept is None else (kept, "")
        if after.values is None or base.values is None:
            return after.values or {}, _VALUES_UNREADABLE
        own = base.values
        touched = {
            name: draft.values[name]
            for name in draft.touched
            if name in draft.values and name not in own  # so it has its default there
        }
        running = self._world.profile.running()
        kept = None if base.toplevel == running else self._world.values.of(running)
        if kept is not None:
            return {**touched, **kept}, ""
        if draft.edits or base.toplevel == running:
            return {**touched, **own}, ""
        return after.values, _VALUES_UNKNOWN

    async def _running_system(self, running: str, base: Evaluation) -> System:
        """Return what runs: as evaluated where it is the same system, else as it is built."""
        if base.toplevel == running:
            return _evaluated(base)
        packages = await self._world.store.packages_of(running, base.paths)
        return built_system(self._world, running, packages)


def _evaluated(found: Evaluation) -> System:
    return System(found.packages, found.units, found.boot, found.inhibitors, found.user_units)


def _uncommitted(files: Sequence[str]) -> tuple[str, ...]:
    """Return what is to be known of a repository's uncommitted files: Nix uses them as they are."""
    if not files:
        return ()
    more = len(files) - _NAMED
    names = ", ".join(files[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return (f"The repository has changes that are not committed: {names}.",)


def _summary(changes: Sequence[Change], draft: Draft, inputs: str) -> str:
    parts = [found.summary for found in draft.resolutions if found.summary]
    if draft.inputs.names:
        parts.append(f"update {', '.join(draft.inputs.names)}")
    elif draft.inputs.main:
        parts.append(f"go back to the {inputs} from before")
    if not parts:
        parts = [f"rebuild ({_mode(changes)})"]
    return "; ".join(parts)


def _risk(
    changes: Sequence[Change], resolutions: Sequence[Resolution], *, has_drifted: bool
) -> Risk:
    options = [option for found in resolutions for option in found.options]
    risks = [policy.risk_of(change, options) for change in changes]
    dangers = [Risk.HIGH for found in resolutions if found.is_dangerous]
    unseen = [Risk.MEDIUM] if has_drifted else []  # what else is applied, nobody has looked at
    return policy.highest([*risks, *dangers, *unseen])


def _is_of(base: Evaluation | None, running: str) -> bool:
    return base is not None and base.toplevel == running


def _warnings(
    draft: Draft, base: Evaluation | None, after: Evaluation, running: str
) -> tuple[str, ...]:
    if not draft.has_effect:
        return draft.notes
    if base is None:
        return (*draft.notes, _DID_NOT_EVALUATE)
    drifted = (_DRIFTED_ALREADY,) if base.toplevel != running else ()
    is_same = after.toplevel == base.toplevel and after.values == base.values
    nothing = (_NO_EFFECT,) if is_same else ()
    return (*draft.notes, *drifted, *nothing)


def _action(changes: Sequence[Change], risk: Risk, *, has_drifted: bool) -> Action:
    if has_drifted and risk is not Risk.HIGH:
        return Action.CHANGE_SEVERAL
    return policy.action_for(changes, risk)


def _mode(changes: Sequence[Change]) -> str:
    return next((change.action for change in changes if isinstance(change, Rebuild)), "switch")
