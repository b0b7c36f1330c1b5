"""Plans about systems that exist already: activating a generation, deleting old ones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from luminous_daemon.core import policy
from luminous_daemon.core.garbage import choose_generations
from luminous_daemon.core.option_values import compare_options
from luminous_daemon.core.planning.effects import built_system, with_effects
from luminous_daemon.core.planning.request import Request, sealed, way_back
from luminous_daemon.core.prepared import Prepared
from luminous_daemon.core.roots import keepers
from luminous_protocol.changes import CollectGarbage, SwitchGeneration
from luminous_protocol.errors import NothingToDo, UnknownGeneration
from luminous_protocol.plan import Closure, Plan, Risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.ports import Generation, World

_GONE_FOR_GOOD = "This cannot be undone. Deleted generations cannot be rolled back to."
_ALL_STAY = (
    "No generation is old enough to go: the one that runs, those that booted and will boot, the "
    "one before and all newer ones always stay."
)
_VALUES_UNKNOWN = (
    "Which options differ is not known: Luminous keeps their values for generations that it made."
)
_CONFIGURATION_STAYS = (
    "The configuration files stay as they are: the next change builds on them again. "
    "To take a change out of the configuration, use `ask-nix undo`."
)


async def plan_generation(
    world: World, request: Request, change: SwitchGeneration, expires: int
) -> Prepared:
    """Plan to activate the generation that `change` names.

    Raises `UnknownGeneration`, or `NothingToDo` when it runs and boots already.
    """
    number = change.generation
    generations = world.profile.generations()
    target = _find_generation(generations, number)
    running = world.profile.running()
    if target.toplevel == running and target.is_default:
        raise NothingToDo(f"Generation {target.number} is running already, and boots by default.")
    packages, before, sizes = await asyncio.gather(
        world.store.packages_of(target.toplevel),
        world.store.packages_of(running),
        asyncio.gather(*map(world.store.closure_size, (running, target.toplevel))),
    )
    kept = [world.values.of(running), world.values.of(target.toplevel)]
    plan = Plan(
        id="",
        summary=f"switch to generation {target.number}",
        risk=policy.risk_of(request.changes[0]),
        changes=(SwitchGeneration(target.number),),
        action=policy.action_for(request.changes),
        expires=expires,
        options=compare_options(*(values or {} for values in kept)) if None not in kept else (),
        options_problem="" if None not in kept else _VALUES_UNKNOWN,
        closure=Closure(before=sizes[0], after=sizes[1]),
        generations=(target.number,),
        generation_dates=(target.date,),
        warnings=(*_other_kernel(world, target), _CONFIGURATION_STAYS),
    )
    return sealed(
        Prepared(
            plan=with_effects(
                plan,
                world,
                built_system(world, running, before),
                built_system(world, target.toplevel, packages),
            ),
            words=request.words,
            undoes=request.undoes,
            base=running,
            default=world.profile.default(),
            inverse=way_back(generations),
            toplevel=target.toplevel,
        )
    )


async def plan_garbage(
    world: World, request: Request, change: CollectGarbage, expires: int
) -> Prepared:
    """Plan to delete the generations that `request` lets go, and what only they need."""
    generations = world.profile.generations()
    doomed = choose_generations(generations, change, now=world.clock())
    kept = [item.toplevel for item in generations if item not in doomed]
    freed, roots = await asyncio.gather(
        world.store.exclusive_size([item.toplevel for item in doomed], kept),
        world.roots.largest([*kept, world.profile.running(), world.profile.booted()]),
    )
    plan = Plan(
        id="",
        summary=_garbage_summary(len(doomed)),
        risk=Risk.HIGH if doomed else Risk.LOW,
        changes=request.changes,
        action=policy.action_for(request.changes),
        expires=expires,
        closure=Closure(before=freed, after=0),
        generations=tuple(item.number for item in doomed),
        generation_dates=tuple(item.date for item in doomed),
        keepers=keepers(roots, request.caller),
        warnings=(_GONE_FOR_GOOD if doomed else _ALL_STAY,),
    )
    return sealed(
        Prepared(
            plan=plan,
            words=request.words,
            base=world.profile.running(),
            default=world.profile.default(),
        )
    )


def _other_kernel(world: World, target: Generation) -> tuple[str, ...]:
    """Return the warning that a generation has another kernel than the one that runs, if so."""
    profile = world.profile
    kernel = profile.describe(profile.booted() or profile.running()).kernel
    if not kernel or not target.kernel or kernel == target.kernel:
        return ()
    warning = (
        f"Generation {target.number} has kernel {target.kernel}, and the machine runs kernel "
        f"{kernel} until it is restarted: what needs a module of its own kernel may fail till then."
    )
    return (warning,)


def _garbage_summary(count: int) -> str:
    if not count:
        return "delete what nothing needs, and no generation"
    noun = "generation" if count == 1 else "generations"
    return f"delete {count} old {noun} and everything that nothing needs"


def _find_generation(generations: Sequence[Generation], number: int) -> Generation:
    current = next((item.number for item in generations if item.is_current), 0)
    default = next((item.number for item in generations if item.is_default), 0)
    if number == 0:
        earlier = [item for item in generations if item.number < (current or default)]
        if not earlier:
            raise UnknownGeneration("There is no generation before the current one.")
        return max(earlier, key=lambda item: item.number)
    for item in generations:
        if item.number == number:
            return item
    known = ", ".join(str(item.number) for item in generations[:8])
    raise UnknownGeneration(
        f"There is no generation {number}. The newest are: {known}.", {"nearest": known.split(", ")}
    )
