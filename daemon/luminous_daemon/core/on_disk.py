"""What the configuration on disk evaluates to: looked at anew, or as it was last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.edits import Candidate

if TYPE_CHECKING:
    from luminous_daemon.core.facts import Evaluation
    from luminous_daemon.core.ports import World


class OnDisk:
    """The configuration of one machine as it is; plans are compared with it and proved by it."""

    def __init__(self, world: World) -> None:
        """Look at `world`'s configuration."""
        self._world = world
        self._key = ("", "", "")
        self._evaluation: Evaluation | None = None

    async def evaluate(self) -> Evaluation:
        """Evaluate the configuration now. Raises `EvaluationFailed`."""
        key = self._state()
        evaluation = await self._world.evaluator.evaluate(Candidate())
        self._key, self._evaluation = key, evaluation
        return evaluation

    async def last_evaluation(self) -> Evaluation:
        """Return what it evaluated to last, or evaluate it if its files or inputs are others.

        So are its files where the repository has come to know others, for a flake has no more.
        This is good enough to show what a plan changes. What a plan builds, and the proof of what
        was written, are always evaluated anew: a configuration may read more than its own files.
        """
        if self._evaluation is None or self._key != self._state():
            return await self.evaluate()
        return self._evaluation

    def _state(self) -> tuple[str, str, str]:
        world = self._world
        inputs = world.inputs.path_of(world.inputs.generation())
        return world.configuration.digest(), world.repository.state(), inputs
