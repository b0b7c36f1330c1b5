"""A request as a draft, with what the configuration evaluates to as it is and as it would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.beside import beside
from luminous_daemon.core.facts import Availability, Query
from luminous_daemon.core.inputs import InputsUpdate, named
from luminous_daemon.core.planning.drafting import NO_INPUTS, Draft, Drafting, Settled, is_meant
from luminous_daemon.core.planning.naming import Naming
from luminous_daemon.core.planning.placing import give_back
from luminous_daemon.core.planning.repairs import is_repair, mend, still_failing
from luminous_daemon.core.resolving import refuse_unavailable, refused_by, still_needed
from luminous_protocol.changes import Rebuild, RestoreInputs, UpdateInputs
from luminous_protocol.errors import (
    Drifted,
    EvaluationFailed,
    NothingToDo,
    PackageRefused,
    UnknownGeneration,
    UnknownOption,
    UnknownPackage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.facts import Evaluation, Facts
    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.planning.request import Request
    from luminous_daemon.core.ports import World
    from luminous_protocol.changes import Change


class Evaluating:
    """Drafts and evaluates one request."""

    def __init__(self, world: World, on_disk: OnDisk) -> None:
        """Evaluate over `world`; `on_disk` knows the configuration as it is."""
        self._world = world
        self._on_disk = on_disk

    async def evaluate(self, request: Request) -> tuple[Draft, Evaluation | None, Evaluation]:
        """Draft the plan, and evaluate the configuration as it is and as it would be.

        As it is, a configuration that is to be mended need not evaluate.
        """
        if all(isinstance(change, Rebuild) for change in request.changes):
            draft = Draft(self._world.configuration.digest())
            only = await self._on_disk.evaluate()
            return draft, only, only
        if is_repair(request.changes):
            return await self._evaluate_repaired(request)
        async with beside(self._on_disk.last_evaluation()) as looking:
            drafting = Drafting(self._world, request, await self._settle(request))
            try:
                draft, after = await self._evaluate_draft(drafting)
            except (UnknownPackage, UnknownOption, PackageRefused) as error:
                raise await Naming(self._world).explain(error) from None
            except NothingToDo as error:
                raise self._nothing_to_do(error, await looking) from None
            except EvaluationFailed as error:
                await looking  # what is wrong without the change is said instead
                refused = refused_by(error)
                if refused:
                    refuse_unavailable(refused)
                    if needed := still_needed(refused, request.changes):
                        raise needed from None
                raise
            return draft, await looking, after

    async def _settle(self, request: Request) -> Settled:
        inputs, notes = await self._inputs(request.changes)
        given_back, changes = give_back(self._world, request)
        repairs = await mend(self._world, request, changes)
        return Settled(changes, inputs, notes, given_back, repairs)

    async def _evaluate_repaired(
        self, request: Request
    ) -> tuple[Draft, Evaluation | None, Evaluation]:
        """Draft a plan that mends, prove it, and evaluate the configuration as it is if it does."""
        async with beside(self._base()) as looking:
            settled = await self._settle(request)
            try:
                draft, after = await self._evaluate_draft(Drafting(self._world, request, settled))
            except EvaluationFailed as error:
                refused = refused_by(error)
                if refused and any(is_meant(change, refused) for change in request.changes):
                    refuse_unavailable(refused)
                base = await looking
                was = base if isinstance(base, EvaluationFailed) else None
                raise still_failing(error, was, request.changes) from None
            except NothingToDo as error:
                base = await looking
                raise (
                    error
                    if isinstance(base, EvaluationFailed)
                    else self._nothing_to_do(error, base)
                ) from None
            if settled.repairs.problems:
                raise settled.repairs.problems[0]
            base = await looking
            return draft, None if isinstance(base, EvaluationFailed) else base, after

    async def _base(self) -> Evaluation | EvaluationFailed:
        """Return what the configuration evaluates to as it is, or how that fails."""
        try:
            return await self._on_disk.last_evaluation()
        except EvaluationFailed as error:
            return error

    def _nothing_to_do(self, error: NothingToDo, base: Evaluation) -> NothingToDo | Drifted:
        """Return `error`, or what is true where the configuration is not the one that runs."""
        if base.toplevel == self._world.profile.running():
            return error
        return Drifted(
            f"In the configuration: {error.message} But the system that runs was built from "
            "another one. To apply this one: ask-nix rebuild"
        )

    async def _evaluate_draft(self, drafting: Drafting) -> tuple[Draft, Evaluation]:
        """Evaluate the draft, with exceptions for the packages that only this brings to light."""
        while True:
            try:
                found = await self._evaluate_once(drafting)
            except EvaluationFailed as error:
                refused = refused_by(error)
                if refused is None or not drafting.can_allow(refused):
                    raise
                drafting.allow(refused)
            else:
                if not drafting.wanted:
                    return found
                await self._allow_unneeded(drafting)

    async def _allow_unneeded(self, drafting: Drafting) -> None:
        """Settle the exceptions that are asked for before anything needs them."""
        names = tuple(change.package for change in drafting.wanted)
        facts = await self._world.evaluator.look_up(Query(names))
        for change in drafting.wanted:
            package = facts.packages[change.package]
            if package.availability is Availability.UNKNOWN:
                raise UnknownPackage(
                    f"There is no package called {change.package!r}, and nothing that the "
                    "configuration needs is refused by that name.",
                    {"package": change.package},
                )
            refuse_unavailable(package)
            if drafting.can_allow(package):
                drafting.allow(package)
            else:
                drafting.renounce(change, f"{change.package} is not refused as {change.reason}.")

    async def _evaluate_once(self, drafting: Drafting) -> tuple[Draft, Evaluation]:
        """Look the facts up; beside it, evaluate what they will most likely lead to."""
        evaluate = self._world.evaluator.evaluate
        expected = drafting.expected()
        async with beside(self._look_up(drafting)) as looking_up:
            if expected is None:
                draft = drafting.draft(await looking_up)
            else:
                async with beside(evaluate(expected.candidate)) as evaluating:
                    draft = drafting.draft(await looking_up)
                    if draft.candidate == expected.candidate:
                        return draft, await evaluating
        return draft, await evaluate(draft.candidate)

    async def _look_up(self, drafting: Drafting) -> list[Facts]:
        look_up, main = self._world.evaluator.look_up, drafting.inputs.main
        return [await look_up(query, main) for query in drafting.queries()]

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
                    return NO_INPUTS, (error.message,)
            if isinstance(change, RestoreInputs):
                return self._earlier_inputs(change), ()
        return NO_INPUTS, ()

    def _earlier_inputs(self, change: RestoreInputs) -> InputsUpdate:
        inputs = self._world.inputs
        if change.source != inputs.source:
            raise UnknownGeneration(
                f"This goes back to another state of {named(change.source)}, but the configuration "
                f"has {named(inputs.source)} now. To go back to an earlier system: ask-nix rollback"
            )
        main = inputs.path_of(change.generation)
        if not main:
            raise UnknownGeneration(
                f"The {inputs.words} have no generation {change.generation} any more."
            )
        return InputsUpdate((), (), main, inputs.generation(), inputs.source)
